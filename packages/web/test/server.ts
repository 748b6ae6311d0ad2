import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the server behaves for one file. */
export interface Served {
  readonly bytes: Uint8Array;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Answers `Range` requests with 206; otherwise it sends everything. */
  readonly ranges?: boolean;
  /** Answers them with 416. */
  readonly refusesRanges?: boolean;
  /** Breaks the connection after this many bytes of a response, the first `cuts` times. */
  readonly cutAfter?: number;
  readonly cuts?: number;
  /** Sends 64 kB every so many milliseconds, the first ones too. */
  readonly slowMs?: number;
}

export interface TestServer {
  readonly url: string;
  readonly files: Map<string, Served>;
  /** Every request but the page's: path, and the bytes that it asked for. */
  readonly requests: string[];
  /** How many bytes of files were sent. */
  sent(): number;
  close(): void;
}

/** A server on this machine. `/` is a page with `script` in it; what it does not have is 404. */
export async function serve(script = ''): Promise<TestServer> {
  const files = new Map<string, Served>();
  const requests: string[] = [];
  const cuts = new Map<string, number>();
  let sent = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent((request.url ?? '/').slice(1));
    if (path === '') {
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(`<!doctype html><script>${script}</script>`);
      return;
    }
    if (path === 'favicon.ico') return void response.writeHead(204).end();
    requests.push(`${path} ${request.headers.range ?? 'all'}`);
    const served = files.get(path);
    if (served === undefined) return void response.writeHead(404).end('no such file');
    if (served.refusesRanges && request.headers.range !== undefined) {
      return void response.writeHead(416).end();
    }
    const cut = cuts.get(path) ?? 0;
    cuts.set(path, cut + 1);
    await send(request, response, served, cut < (served.cuts ?? Number.POSITIVE_INFINITY));
  }

  async function send(
    request: IncomingMessage,
    response: ServerResponse,
    { bytes, ranges = false, cutAfter, slowMs, type = 'application/octet-stream', headers }: Served,
    mayCut: boolean,
  ): Promise<void> {
    const from = ranges ? Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0;
    const body = bytes.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, {
      'content-type': type,
      'content-length': body.length,
      'cache-control': 'no-store',
      ...(from > 0 && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
      ...headers,
    });
    const step = slowMs === undefined ? body.length : 65_536;
    const end = mayCut ? Math.min(cutAfter ?? body.length, body.length) : body.length;
    for (let at = 0; at < end && !response.destroyed; at += step) {
      if (slowMs !== undefined) await new Promise((next) => setTimeout(next, slowMs));
      const chunk = body.subarray(at, Math.min(at + step, end));
      response.write(chunk);
      sent += chunk.length;
    }
    if (end < body.length) await new Promise((arrive) => setTimeout(arrive, 100)); // before the cut
    if (end < body.length) response.destroy();
    else response.end();
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  // an IP server's address is an object
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    files,
    requests,
    sent: () => sent,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
