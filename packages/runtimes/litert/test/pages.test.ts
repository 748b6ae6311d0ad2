// What only a page of one's own shows: a strict Content-Security-Policy in real headers, what is asked of the network, wrong
// addresses.

import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadTinyTflite } from './helpers.ts';
import { answerOf, bundlePage, copyAssets, found, launch, type Site, serve, vendorFiles } from './site.ts';

const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};
const STRICT = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";

const SCRIPT = `
  import { createSegmenter, readClassMap } from '@seg/core';
  import { seededImage, tinyCards, tinySource } from '@seg/testkit';
  import { litert } from '@seg/litert';
  const options = JSON.parse(new URLSearchParams(location.search).get('options'));
  try {
    let mayEval = true;
    try { new Function('') } catch { mayEval = false }
    const runtime = litert(options);
    const probe = await runtime.probe();
    const source = options.assets === undefined ? tinySource : undefined;
    const segmenter = await createSegmenter({ model: tinyCards.rgb, runtime, source });
    const { data } = await readClassMap(await segmenter.segment(seededImage(64, 64, 1)));
    globalThis.answer = { mayEval, probe, classes: [...new Set(data)].length, accelerator: segmenter.accelerator };
    await segmenter.dispose();
  } catch (error) { const probe = await Promise.resolve().then(() => litert(options).probe()).catch(() => null);
    globalThis.answer = { code: error.code ?? null, message: error.message, probe };
  }
`;

describe.skipIf('reason' in found)('reason' in found ? `pages (skipped: ${found.reason})` : 'pages', () => {
  let browser: Browser;
  const files = new Map<string, Uint8Array | string>();

  beforeAll(async () => {
    browser = await launch();
    for (const [name, bytes] of await copyAssets()) files.set(`/seg/${name}`, bytes);
    const { variant, parts } = await loadTinyTflite('rgb');
    files.set(`/seg/${variant.parts[0]?.path}`, parts[0] ?? '');
    files.set('/page.js', await bundlePage(SCRIPT));
    files.set('/index.html', '<!doctype html><script type="module" src="/page.js"></script>');
    files.set('/favicon.ico', '');
  }, 60_000);
  afterAll(() => browser.close());

  /** Opens the page in a context of its own: nothing is cached. */
  async function visit(
    options: object,
    headers: Readonly<Record<string, string>>,
    more: ReadonlyMap<string, Uint8Array | string> = new Map(),
  ): Promise<{ readonly answer: unknown; readonly site: Site; readonly elsewhere: string[] }> {
    const site = await serve(new Map([...files, ...more]), headers);
    const context = await browser.newContext();
    const elsewhere: string[] = [];
    try {
      const page: Page = await context.newPage();
      page.on('request', (request) => {
        if (!request.url().startsWith(site.url)) elsewhere.push(request.url());
      });
      const query = encodeURIComponent(JSON.stringify(options));
      return { answer: await answerOf(page, `${site.url}/index.html?options=${query}`), site, elsewhere };
    } finally {
      await context.close();
      site.close();
    }
  }

  const COMPUTED = { mayEval: false, probe: { ok: true }, classes: 4, accelerator: 'wasm' };

  it.each([
    { mode: 'worker', threads: 1 },
    { mode: 'worker', threads: 2 },
    { mode: 'inline', threads: 1 },
    { mode: 'inline', threads: 2 },
  ])(
    'a strict policy is enough, and nothing is asked of others: %o',
    { timeout: 60_000 },
    async (options) => {
      const headers = { ...ISOLATION, 'Content-Security-Policy': STRICT };
      const { answer, site, elsewhere } = await visit({ ...options, assets: 'seg' }, headers);
      expect(answer).toEqual(COMPUTED);
      const own = site.asked.filter((path) => !/^\/(index\.html|page\.js|favicon\.ico)$/.test(path));
      expect([...new Set(own.map((path) => path.replace(/[^/]*$/, '')))]).toEqual(['/seg/']);
      expect(own.filter((path) => path.endsWith('.wasm'))).toHaveLength(1);
      expect(elsewhere).toEqual([]);
    },
  );

  it("without 'wasm-unsafe-eval' is refused with the word that is missing", { timeout: 60_000 }, async () => {
    const policy = { 'Content-Security-Policy': "script-src 'self'; worker-src 'self'" };
    const { answer } = await visit({ mode: 'inline', assets: 'seg' }, policy);
    expect(answer).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining("'wasm-unsafe-eval'"),
    });
  });

  it("the vendor's own files need blob: scripts, and where they may not be, say what helps", {
    timeout: 60_000,
  }, async () => {
    const vendor = new Map(
      [...(await vendorFiles('plain'))].map(([name, bytes]) => [`/vendor/${name}`, bytes]),
    );
    const free = await visit({ mode: 'inline', threads: 1, wasmPaths: 'vendor' }, {}, vendor);
    expect(free.answer).toMatchObject({ probe: { ok: true }, classes: 4 });
    const strict = { 'Content-Security-Policy': STRICT };
    const { answer } = await visit({ mode: 'inline', threads: 1, wasmPaths: 'vendor' }, strict, vendor);
    const reason = expect.stringContaining('seg assets copy');
    expect(answer).toMatchObject({ code: 'unsupported', message: reason, probe: { ok: false, reason } });
  });

  it('without isolation there is one thread, and more are refused', { timeout: 60_000 }, async () => {
    const one = await visit({ mode: 'inline', assets: 'seg' }, {});
    expect(one.answer).toMatchObject({ classes: 4 });
    expect(one.site.asked).not.toContain('/seg/litert_wasm_threaded_internal.wasm');
    const { answer } = await visit({ mode: 'inline', threads: 2, assets: 'seg' }, {});
    expect(answer).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('not cross-origin isolated'),
    });
  });

  describe.each(['inline', 'worker'])('a wrong address, %s', (mode) => {
    const options = { mode, threads: 1, workerUrl: 'seg/litert.worker.js' };

    it('a 404 in place of the files', { timeout: 60_000 }, async () => {
      const { answer, site } = await visit({ ...options, wasmPaths: 'nowhere' }, {});
      expect(answer).toMatchObject({ code: 'fetch', message: expect.stringContaining('404') });
      expect(answer).toMatchObject({
        message: expect.stringContaining(`${site.url}/nowhere/litert_wasm_internal.js`),
      });
    });

    it.each(['mjs', 'wasm'])('a web page in place of the .%s', { timeout: 60_000 }, async (ending) => {
      const name = `/seg/litert_wasm_internal.${ending}`;
      const page = new Map([[name, '<!doctype html><title>Not here</title>']]);
      const { answer, site } = await visit({ ...options, assets: 'seg' }, {}, page);
      expect(answer).toMatchObject({ code: 'fetch', message: expect.stringContaining(site.url + name) });
      expect(answer).toMatchObject({ message: expect.stringContaining('<!doctype html>') });
    });
  });

  it('a worker that is not there', { timeout: 60_000 }, async () => {
    const { answer, site } = await visit({ mode: 'worker', assets: 'seg', workerUrl: 'no.js' }, {});
    expect(answer).toMatchObject({ code: 'fetch', message: expect.stringContaining(`${site.url}/no.js`) });
  });
});
