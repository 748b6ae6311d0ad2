import { createReadStream, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, normalize } from 'node:path';
import { root } from '../../scripts/workspace.mjs';

/** Of this process alone: what Vite prepares would change under a second run of the tests. */
export const CACHE = join(root, '.cache/vite', `${process.pid}`);

/** What tests can fetch, byte by byte as it lies on disk. */
export const FOLDERS = {
  '/shared': process.env.SEG_SHARED || join(root, '../shared'),
  '/repo': root,
};

/** What makes a page cross-origin isolated: wasm threads need it. */
export const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript',
  mjs: 'text/javascript',
  json: 'application/json',
  wasm: 'application/wasm',
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
};

/** Answers with a file under `folder`, whole or the range that was asked for; 404 where there is none. */
export function serveFile(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const path = decodeURIComponent((request.url ?? '').replace(/[?#].*$/, ''));
  const file = join(folder, normalize(`/${path}`));
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats?.isFile()) {
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end(`no ${path}\n`);
    return;
  }
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const start = Number(range?.[1] ?? 0);
  const end = Math.min(Number(range?.[2] || stats.size - 1), stats.size - 1);
  if (start > end && range !== null) {
    response.writeHead(416, { 'Content-Range': `bytes */${stats.size}` }).end();
    return;
  }
  response.writeHead(range === null ? 200 : 206, {
    'Content-Type': TYPES[file.slice(file.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
    'Content-Length': range === null ? stats.size : end - start + 1,
    'Accept-Ranges': 'bytes',
    ...(range !== null && { 'Content-Range': `bytes ${start}-${end}/${stats.size}` }),
  });
  if (request.method === 'HEAD' || stats.size === 0) response.end();
  else createReadStream(file, { start, end }).pipe(response);
}
