// For tests in Node that drive a page of a site of their own: its headers, its files, and what it is asked for.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright';
import { assets } from '../src/assets.ts';
import { BUILDS, type Build } from '../src/instance.ts';

// JavaScript without declarations: an import by name would not be typed
const finder: { findChromium(): { path: string } | { reason: string } } = await import(
  new URL('../../../../scripts/find-browser.mjs', import.meta.url).href
);
export const found = finder.findChromium();

export async function launch(): Promise<Browser> {
  if (!('path' in found)) throw new Error(found.reason);
  const args = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking'];
  return await chromium.launch({
    executablePath: found.path,
    args: [...args, '--disable-component-update', '--disable-sync'],
  });
}

const here = (path: string) => new URL(path, import.meta.url);

/** What `seg assets copy` writes, by file name. */
export async function copyAssets(): Promise<Map<string, Uint8Array>> {
  const read = (path: string) =>
    readFile(
      path.startsWith('@seg/litert/') ? here(`../${path.slice(12)}`) : here(`../node_modules/${path}`),
    );
  return new Map((await assets.files({ read })).map(({ name, bytes }) => [name, bytes]));
}

/** A build as it is in the vendor's package, by file name. */
export async function vendorFiles(build: Build): Promise<Map<string, Uint8Array>> {
  const names = [`${BUILDS[build]}.js`, `${BUILDS[build]}.wasm`];
  const folder = here('../node_modules/@litertjs/core/wasm/');
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(new URL(name, folder))] as const)),
  );
}

/** One module with the built package in it, and `script`. */
export async function bundlePage(script: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: here('.').pathname, loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

export interface Site {
  readonly url: string;
  readonly asked: string[];
  close(): void;
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  mjs: 'text/javascript',
  wasm: 'application/wasm',
};

/** Serves `files` by path, 404 else; each with `headers`. */
export async function serve(
  files: ReadonlyMap<string, Uint8Array | string>,
  headers: Readonly<Record<string, string>>,
): Promise<Site> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').replace(/\?.*/, '');
    asked.push(path);
    const file = files.get(path);
    const type = TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
    response
      .writeHead(file === undefined ? 404 : 200, { ...headers, 'Content-Type': type })
      .end(file ?? 'nothing');
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    asked,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Opens the site's page, and gives what it leaves in `answer`. */
export async function answerOf(page: Page, url: string): Promise<unknown> {
  await page.goto(url);
  await page.waitForFunction(() => 'answer' in globalThis, undefined, { timeout: 60_000 });
  return page.evaluate(() => Reflect.get(globalThis, 'answer'));
}
