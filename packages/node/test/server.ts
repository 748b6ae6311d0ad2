import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** How the server behaves for one file. */
export interface Served {
  readonly bytes: Uint8Array;
  /** Answers `Range` requests with 206; otherwise it sends everything. */
  readonly ranges?: boolean;
  /** Answers them with 416. */
  readonly refusesRanges?: boolean;
  /** Breaks the connection after this many bytes of a response, the first `cuts` times. */
  readonly cutAfter?: number;
  readonly cuts?: number;
  /** Sends 16 kB every so many milliseconds. */
  readonly slowMs?: number;
}

export interface TestServer {
  readonly url: string;
  /** Every request: path, and the first byte that it asked for. */
  readonly requests: string[];
}

/** A server on this machine for the running test; what it does not have is 404. */
export async function serve(files: Record<string, Served>): Promise<TestServer> {
  const requests: string[] = [];
  const cuts = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '/').slice(1));
    requests.push(`${path} ${request.headers.range ?? 'all'}`);
    const served = files[path];
    if (served === undefined) {
      response.writeHead(404).end('no such file');
      return;
    }
    if (served.refusesRanges && request.headers.range !== undefined) {
      response.writeHead(416).end();
      return;
    }
    const done = cuts.get(path) ?? 0;
    cuts.set(path, done + 1);
    send(request, response, served, done < (served.cuts ?? Number.POSITIVE_INFINITY)).catch(() =>
      response.destroy(),
    );
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // an IP server's address is an object
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, requests };
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  served: Served,
  mayCut: boolean,
): Promise<void> {
  const { bytes, ranges = false, cutAfter, slowMs } = served;
  const from = ranges ? Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0;
  const body = bytes.subarray(from);
  const headers = {
    'content-length': body.length,
    'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
  };
  if (from > 0) response.writeHead(206, headers);
  else response.writeHead(200, { 'content-length': body.length });
  const step = slowMs === undefined ? body.length : 16_384;
  const end = mayCut ? Math.min(cutAfter ?? body.length, body.length) : body.length;
  for (let at = 0; at < end && !response.destroyed; at += step) {
    response.write(body.subarray(at, Math.min(at + step, end)));
    await new Promise((next) => setTimeout(next, slowMs ?? 20)); // let it arrive before a cut
  }
  if (end < body.length) response.destroy();
  else response.end();
}
