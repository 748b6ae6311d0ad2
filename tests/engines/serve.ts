// A small server for browsers that are not driven by vitest: one bundled page, and the same folders as in Chromium.
import { createServer } from 'node:http';
import { build } from 'esbuild';
import { FOLDERS, ISOLATION, serveFile } from '../browser/serve-files.ts';

export interface Served {
  /** `http://127.0.0.1:port/`: a secure context, cross-origin isolated. */
  readonly url: string;
  close(): Promise<void>;
}

/** Bundles `entry`, a path from the repository's root, and serves a page that runs it. */
export async function servePage(entry: string): Promise<Served> {
  const script = await bundle(entry);
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(ISOLATION)) response.setHeader(name, value);
    const url = request.url ?? '/';
    const folder = Object.entries(FOLDERS).find(([path]) => url.startsWith(`${path}/`));
    if (folder !== undefined) {
      request.url = url.slice(folder[0].length);
      serveFile(folder[1], request, response);
    } else if (url === '/page.js') {
      response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(script);
    } else if (url === '/') {
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(HTML);
    } else {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not here\n');
    }
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Where the page's script fails, or does not come, `pageError` says so. */
const HTML = `<!doctype html><title>Seg</title>
<script>addEventListener('error', ({ message }) => { globalThis.pageError ??= message ?? 'no /page.js'; }, true);</script>
<script type="module" src="/page.js"></script>`;

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: FOLDERS['/repo'],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}
