// What `seg assets copy` gathers is all that a page needs under a strict policy: nothing else is asked, nothing refused.
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createSegmenter, readClassMap } from '../../packages/core/dist/index.js';
import { readPhoto } from '../../packages/node/dist/index.js';
import { onnxNode } from '../../packages/runtimes/onnx-node/dist/index.js';
import { tinyCards, tinySource } from '../../packages/testkit/dist/index.js';
import { findChromium } from '../../scripts/find-browser.mjs';
import {
  type Answer,
  buildSite,
  type Files,
  type Site,
  type SiteOptions,
  type Subject,
  segmentIn,
  serveSite,
} from './site.ts';

const SUBJECTS: readonly Subject[] = [
  { name: 'onnx-web', factory: 'onnxWeb', accelerator: 'wasm', threads: true },
  { name: 'onnx-web', factory: 'onnxWeb', accelerator: 'webgpu' },
  { name: 'tflite-wasm', factory: 'tfliteWasm', threads: true },
  { name: 'litert', factory: 'litert', accelerator: 'wasm', threads: true },
  { name: 'litert', factory: 'litert', accelerator: 'webgpu' },
  { name: 'tfjs-webgpu', factory: 'tfjsWebgpu', accelerator: 'wasm' }, // its threads are half of the cores
  { name: 'tfjs-webgpu', factory: 'tfjsWebgpu', accelerator: 'cpu' },
  { name: 'tfjs-webgpu', factory: 'tfjsWebgpu', accelerator: 'webgpu' },
];
const MODES = ['worker', 'inline'] as const;
const HTML = '<!doctype html><title>Not here</title>';

vi.setConfig({ testTimeout: 60_000 });

const found = findChromium();
const reason = 'reason' in found ? found.reason : null;
let browser: Browser;
let profile: BrowserContext;
const profileFolder = mkdtempSync(join(tmpdir(), 'seg-csp-profile-'));
let expected: readonly number[];

beforeAll(async () => {
  if (!('path' in found)) return;
  const args = [
    '--no-sandbox',
    '--disable-quic',
    '--disable-background-networking',
    '--disable-component-update',
    '--enable-unsafe-webgpu', // without a GPU: SwiftShader
  ];
  const launch = { executablePath: found.path, args };
  [browser, profile, expected] = await Promise.all([
    chromium.launch(launch),
    chromium.launchPersistentContext(profileFolder, launch),
    askOnnxNode(),
  ]);
}, 60_000);
afterAll(async () => {
  await Promise.all([browser?.close(), profile?.close()]);
  rmSync(profileFolder, { recursive: true, force: true });
});
beforeEach(({ skip }) => {
  if (reason !== null) skip(reason);
});

/** The class map of the same photo. */
async function askOnnxNode(): Promise<readonly number[]> {
  const segmenter = await createSegmenter({ model: tinyCards.rgb, runtime: onnxNode(), source: tinySource });
  const { image } = await readPhoto(await readFile(new URL('../../examples/sample.jpg', import.meta.url)));
  const { data } = await readClassMap(await segmenter.segment(image), { size: 'model' });
  await segmenter.dispose();
  return [...data];
}

type Work = (page: Page, site: Site, elsewhere: readonly string[]) => Promise<void>;

describe.each(SUBJECTS)('$name $accelerator', (subject) => {
  let files: Files;
  beforeAll(async () => {
    if (reason === null) files = await buildSite(subject);
  }, 60_000);

  /** A visitor who was never here before: no cache of any kind. */
  async function visit(site: SiteOptions, work: Work): Promise<void> {
    const context = await browser.newContext();
    await visitIn(context, site, work).finally(() => context.close());
  }

  async function visitIn(context: BrowserContext, site: SiteOptions, work: Work): Promise<void> {
    const served = await serveSite(files, site);
    const page = await context.newPage();
    try {
      const elsewhere: string[] = [];
      page.on('request', (request) => {
        if (!request.url().startsWith(served.url)) elsewhere.push(request.url());
      });
      await page.goto(served.url);
      await work(page, served, elsewhere);
    } finally {
      await page.close();
      served.close();
    }
  }

  const { accelerator = 'wasm', threads = false } = subject;
  const hasWasm = accelerator === 'wasm' || subject.name !== 'tfjs-webgpu';
  const options = { assets: 'seg', accelerator: subject.accelerator };
  const right = (): Answer => ({ accelerator, classes: expected });

  describe.each(MODES)('%s', (mode) => {
    const settings = [{ threads: 1, isolated: false }, ...(threads ? [{ threads: 2, isolated: true }] : [])];

    test.each(settings)('nothing else is asked, nothing refused: %o', async (setting) => {
      const count = threads ? { threads: setting.threads } : {};
      await visit({ isolated: setting.isolated }, async (page, { asked, refused }, elsewhere) => {
        expect(await segmentIn(page, { ...options, ...count, mode })).toEqual(right());
        expect(refused).toEqual([]);
        expect(elsewhere).toEqual([]);
        const own = asked.filter((path) => !['/', '/page.js', '/photo.jpg'].includes(path));
        expect(own.filter((path) => !path.startsWith('/seg/'))).toEqual([]);
      });
    });

    // weights by the model cache; wasm and worker by the browser's own, which is too small for them where nothing is kept
    test('works again when the site is gone, where it lets browsers keep its files', async () => {
      await visitIn(profile, { cacheControl: 'max-age=600' }, async (page, site) => {
        expect(await segmentIn(page, { ...options, mode })).toEqual(right());
        site.close();
        expect(await segmentIn(page, { ...options, mode })).toEqual(right());
      });
    });

    const faults = [
      ...(hasWasm ? [{ what: 'wasm', path: /\.wasm$/ }] : []),
      ...(mode === 'worker' ? [{ what: 'worker', path: /\.worker\.js$/ }] : []),
      { what: 'weights', path: /\/tiny-rgb/ },
    ];

    test.each(faults)('a 404 for $what', async ({ path }) => {
      await visit({ wrong: { path, body: null } }, async (page, { url }) => {
        const answer = await segmentIn(page, { ...options, mode });
        expect(answer).toEqual({ code: 'fetch', message: expect.stringContaining('404') });
        expect(answer).toEqual({ code: 'fetch', message: expect.stringContaining(`${url}seg/`) });
      });
    });

    test.each(faults)('a page in place of $what', async ({ path }) => {
      await visit({ wrong: { path, body: HTML } }, async (page, { url }) => {
        const answer = await segmentIn(page, { ...options, mode });
        expect(answer).toEqual({ code: 'fetch', message: expect.stringContaining('<!doctype html>') });
        expect(answer).toEqual({ code: 'fetch', message: expect.stringContaining(`${url}seg/`) });
      });
    });

    test('weights that are cut short', async () => {
      const [path = '', bytes = ''] = [...files].find(([name]) => name.startsWith('/seg/tiny-rgb')) ?? [];
      const body = bytes.slice(0, bytes.length / 2);
      await visit({ wrong: { path: /\/tiny-rgb/, body } }, async (page, { url }) => {
        const answer = await segmentIn(page, { ...options, mode });
        const size = `expected ${bytes.length} bytes, received ${body.length}, starting with`;
        expect(answer).toEqual({ code: 'fetch', message: expect.stringContaining(size) });
        expect(answer).toEqual({ code: 'fetch', message: expect.stringContaining(url + path.slice(1)) });
      });
    });
  });
});

test('what the policy refuses is seen, on pages and in their workers', async () => {
  const script = "fetch('https://elsewhere.test/').catch(() => {})";
  const html = '<!doctype html><script type="module" src="page.js"></script>';
  const site = await serveSite(
    new Map([
      ['/', html],
      ['/page.js', `${script}; new Worker('worker.js')`],
      ['/worker.js', script],
    ]),
  );
  const page = await browser.newPage();
  try {
    await page.goto(site.url);
    await expect.poll(() => site.refused).toHaveLength(2);
    expect(new Set(site.refused)).toEqual(new Set(['connect-src https://elsewhere.test/']));
  } finally {
    await page.close();
    site.close();
  }
});
