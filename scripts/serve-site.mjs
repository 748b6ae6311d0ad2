// How tests bring a site onto a port of this machine: a folder of files, or a program that serves by itself.
import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Threads of WebAssembly need them. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * Serves the files of a folder under `base`, or passes on what another server says. `isolated`: with what threads need,
 * and eight cores, so that they start by default on every machine.
 *
 * @returns {Promise<{ url: string, close(): void }>}
 */
export async function serve({ folder, from, base = '/', isolated = false }) {
  const site =
    from === undefined ? (request) => readFileOf(folder, base, request) : (request) => ask(from, request);
  const server = createServer(async (request, response) => {
    try {
      const { status, type, body } = await site(request);
      const headers = { 'Content-Type': type, 'Cache-Control': 'no-store', ...(isolated && ISOLATION) };
      response
        .writeHead(status, headers)
        .end(isolated && /javascript/.test(type) ? withEightCores(body) : body);
    } catch {
      response.destroy();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}${base}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function readFileOf(folder, base, { url }) {
  const path = decodeURIComponent(url.replace(/[?#].*$/, ''));
  const name = path.startsWith(base) ? normalize(`/${path.slice(base.length)}`) : null;
  const file = join(folder, name?.endsWith('/') ? `${name}index.html` : `${name}`);
  if (name === null || !statSync(file, { throwIfNoEntry: false })?.isFile()) {
    return { status: 404, type: 'text/plain', body: `no ${path}\n` };
  }
  return { status: 200, type: TYPES[extname(file)] ?? 'application/octet-stream', body: readFileSync(file) };
}

async function ask(from, { url }) {
  const answer = await fetch(new URL(url, from));
  const type = answer.headers.get('content-type') ?? 'application/octet-stream';
  return { status: answer.status, type, body: Buffer.from(await answer.arrayBuffer()) };
}

function withEightCores(script) {
  return script.toString().replaceAll('navigator.hardwareConcurrency', '8');
}

/**
 * Starts a program that serves on the port that it is given, and waits until it answers.
 *
 * @returns {Promise<{ url: string, close(): void }>}
 */
export async function start(command, argumentsFor, options) {
  const port = await freePort();
  const url = `http://localhost:${port}/`;
  // a group of its own: npm starts further programs
  const child = spawn(command, argumentsFor(`${port}`), { ...options, detached: true });
  const ended = new Promise((_, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${command} ended with ${code}`)));
  });
  ended.catch(() => {});
  const close = () => {
    process.off('exit', close);
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid);
  };
  process.on('exit', close);
  try {
    await Promise.race([answers(url), ended]);
  } catch (error) {
    close();
    throw error;
  }
  return { url, close };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(url) {
  const end = Date.now() + 60_000;
  for (;;) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return;
    if (Date.now() > end) throw new Error(`nothing answers at ${url} for 60 s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
