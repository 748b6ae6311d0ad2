// For tests in Node that drive a page of their own: a site with the assets that `seg assets copy` gathers, every answer
// under a strict policy, and a record of what was asked and of what the policy refused.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { Page } from 'playwright';
import { tinyCards } from '../../packages/testkit/dist/index.js';
import { root } from '../../scripts/workspace.mjs';

const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "img-src 'self' blob:",
  'report-uri /report', // reports of workers reach nobody else
].join('; ');

const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** A runtime as pages use it. */
export interface Subject {
  /** The package `@seg/NAME`. */
  readonly name: string;
  /** Its factory. */
  readonly factory: string;
  readonly accelerator?: string;
  /** Whether two threads are tried too. */
  readonly threads?: boolean;
}

/** What a page says of one call. */
export type Answer =
  | { readonly accelerator: string; readonly classes: readonly number[] }
  | { readonly code: string | null; readonly message: string };

/** Any file of the site, by path. */
export type Files = ReadonlyMap<string, Uint8Array | string>;

const cli = join(root, 'packages/cli'); // where every adapter is installed
const models = join(root, 'packages/testkit/models');

/** The site of one runtime: its assets in /seg/, and a page that has `segment(options)`. */
export async function buildSite(subject: Subject): Promise<Files> {
  const html =
    '<!doctype html><title>Seg</title><img src="photo.jpg" alt=""><script type="module" src="page.js"></script>';
  return new Map<string, Uint8Array | string>([
    ['/', html],
    ['/page.js', await bundle(subject)],
    ['/photo.jpg', readFileSync(join(root, 'examples/sample.jpg'))],
    ...(await copyAssets(subject)),
  ]);
}

/** By the command itself, of a model of a few kB. */
async function copyAssets({ name, accelerator }: Subject): Promise<[string, Uint8Array][]> {
  const folder = mkdtempSync(join(tmpdir(), 'seg-csp-'));
  try {
    const model = join(folder, 'tiny.card.json');
    writeFileSync(model, JSON.stringify(card));
    const env = { ...process.env, SEG_MODEL_MIRROR: models, SEG_CACHE: join(folder, 'cache') };
    const more = accelerator === undefined ? [] : ['--accelerator', accelerator];
    const args = [
      'assets',
      'copy',
      join(folder, 'seg'),
      '--json',
      '--runtime',
      name,
      '--model',
      model,
      ...more,
    ];
    const command = [join(cli, 'dist/bin.js'), ...args];
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: cli, env });
    const { files }: { readonly files: readonly { readonly path: string }[] } = JSON.parse(stdout);
    return files.map(({ path }) => [path.slice(folder.length), readFileSync(path)]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As a site has it that knows no other address of the files than its own. */
const card = {
  ...tinyCards.rgb,
  variants: tinyCards.rgb.variants.map((variant) => ({
    ...variant,
    parts: variant.parts.map((part) => ({ ...part, urls: [] })),
  })),
};

async function bundle({ name, factory }: Subject): Promise<string> {
  const script = `
    import { createSegmenter, readClassMap } from '@seg/core';
    import { ${factory} } from '@seg/${name}';
    const model = ${JSON.stringify(card)};
    globalThis.segment = async (options) => {
      let segmenter;
      try {
        segmenter = await createSegmenter({ model, runtime: ${factory}(options) });
        const segmentation = await segmenter.segment(document.querySelector('img'));
        const { data } = await readClassMap(segmentation, { size: 'model' });
        return { accelerator: segmenter.accelerator, classes: [...data] };
      } catch (error) {
        return { code: error.code ?? null, message: String(error.message) };
      } finally {
        await segmenter?.dispose();
      }
    };
  `;
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: cli },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

export interface Site {
  readonly url: string;
  /** What the browser asked for, but for reports. */
  readonly asked: string[];
  /** What the policy refused, page and workers alike. */
  readonly refused: string[];
  close(): void;
}

export interface SiteOptions {
  readonly isolated?: boolean;
  /** How long a browser may keep files without asking. */
  readonly cacheControl?: string;
  /** What is served in place of files whose path matches; null for a 404. */
  readonly wrong?: { readonly path: RegExp; readonly body: Uint8Array | string | null };
}

/** Serves it, on a port of its own. */
export async function serveSite(files: Files, options: SiteOptions = {}): Promise<Site> {
  const { isolated = false, cacheControl = 'no-store', wrong } = options;
  const [asked, refused]: [string[], string[]] = [[], []];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(request.url ?? '/');
    if (path === '/report') {
      const report = JSON.parse(Buffer.concat(await request.toArray()).toString())['csp-report'];
      refused.push(`${report['violated-directive']} ${report['blocked-uri']}`);
      return void response.writeHead(204).end();
    }
    if (path === '/favicon.ico') return void response.writeHead(204).end();
    asked.push(path);
    const body = wrong?.path.test(path) ? wrong.body : (files.get(path) ?? null);
    const type = TYPES[path === '/' ? '.html' : extname(path)] ?? 'application/octet-stream';
    response.writeHead(body === null ? 404 : 200, {
      'Content-Type': type,
      'Content-Security-Policy': POLICY,
      'Cache-Control': cacheControl,
      ...(isolated && ISOLATION),
    });
    response.end(body ?? 'not here');
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    asked,
    refused,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** One call of the page's own function. */
export async function segmentIn(page: Page, options: object): Promise<Answer> {
  await page.waitForFunction(() => 'segment' in globalThis);
  return await page.evaluate((given) => Reflect.get(globalThis, 'segment')(given), options);
}
