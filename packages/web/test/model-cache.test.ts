import { createHash } from 'node:crypto';
import type { ModelPart } from '@seg/core';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { webSource as sourceInNode } from '../src/model-cache.ts';
import { bundle, hasChromium, launch } from './chromium.ts';
import { type Served, serve, type TestServer } from './server.ts';

declare const seg: typeof import('../src/index.ts');

const MIB = 1 << 20;

/** The same bytes on every machine, different for each seed. */
function noise(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

function partOf(bytes: Uint8Array, path: string, urls: readonly string[]): ModelPart {
  return { path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), urls };
}

const small = noise(300_000);
const large = noise(3 * MIB + 12_345, 2);

/** What `load` gave: the file's sha256 and the progress it told, or its refusal. */
type Loaded = { readonly sha256: string; readonly progress: number[] } | { readonly refused: string };

/** Runs in the page. */
async function loadInPage({ part, options, abortAt }: LoadOrder): Promise<Loaded> {
  const controller = new AbortController();
  const progress: number[] = [];
  try {
    const bytes = await seg.createModelCache(options).load(part, {
      signal: controller.signal,
      onProgress({ loaded }) {
        progress.push(loaded);
        if (abortAt !== undefined && loaded >= abortAt) controller.abort(new Error('enough'));
      },
    });
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return { sha256: Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join(''), progress };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? `${error.code}: ` : '';
    return { refused: code + (error instanceof Error ? error.message : String(error)) };
  }
}

interface LoadOrder {
  readonly part: ModelPart;
  readonly options?: { name?: string; mirror?: string };
  readonly abortAt?: number;
}

describe.runIf(hasChromium())('createModelCache in Chromium', { timeout: 60_000 }, () => {
  let browser: Browser;
  let script: string;
  let server: TestServer;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    [browser, script] = await Promise.all([launch('--host-resolver-rules=MAP lan.test 127.0.0.1'), bundle()]);
  }, 60_000);
  afterAll(() => browser?.close());
  beforeEach(async () => {
    server = await serve(script);
    context = await browser.newContext();
    page = await openPage();
  });
  afterEach(async () => {
    await context.close();
    server.close();
  });

  async function openPage(url = server.url): Promise<Page> {
    const opened = await context.newPage();
    await opened.goto(url);
    return opened;
  }

  /** A part that the server has at `/m`. */
  function serveFile(bytes: Uint8Array, served: Partial<Served> = {}, name = 'm'): ModelPart {
    server.files.set(name, { bytes, ...served });
    return partOf(bytes, 'm.onnx', [server.url + name]);
  }

  const load = (part: ModelPart, order: Partial<LoadOrder> = {}, from = page): Promise<Loaded> =>
    from.evaluate(loadInPage, { part, ...order });
  const sha256Of = ({ sha256 }: ModelPart) => expect.objectContaining({ sha256 });
  const list = () => page.evaluate(() => seg.createModelCache().list());
  const verify = async () => (await page.evaluate(() => seg.createModelCache().verify())).map(({ ok }) => ok);
  const keys = () =>
    page.evaluate(async () =>
      (await (await caches.open('seg-models')).keys()).map(({ url }) =>
        url.replace(/^.*\/[0-9a-f]{64}/, 'SHA'),
      ),
    );

  test('downloads once, for every page of the site; lists and clears', async () => {
    const part = { ...serveFile(small), path: '人/m 1.onnx' };
    const first = await load(part);
    expect(first).toEqual(sha256Of(part));
    expect('progress' in first && first.progress.at(-1)).toBe(300_000);
    expect(await load(part)).toEqual({ sha256: part.sha256, progress: [300_000] });
    expect(await load(part, {}, await openPage())).toEqual(sha256Of(part));
    expect(server.requests).toEqual(['m all']);
    expect(await list()).toEqual([{ name: '人/m 1.onnx', sha256: part.sha256, bytes: 300_000 }]);
    expect(await verify()).toEqual([true]);
    expect(await page.evaluate(() => seg.createModelCache().clear())).toEqual({ files: 1, bytes: 300_000 });
    expect(await list()).toEqual([]);
    await load(part);
    expect(server.requests).toEqual(['m all', 'm all']);
  });

  test('is apart from caches of other names, and clears nothing of others', async () => {
    const part = serveFile(small);
    await load(part, { options: { name: 'mine' } });
    expect(await list()).toEqual([]);
    const left = await page.evaluate(async () => {
      const cache = await caches.open('mine');
      await cache.put('/theirs', new Response('x'));
      await seg.createModelCache({ name: 'mine' }).clear();
      return (await cache.keys()).map(({ url }) => new URL(url).pathname);
    });
    expect(left).toEqual(['/theirs']);
  });

  test.each([
    ['flipped', 'its sha256 is'],
    ['missing', '299999 bytes instead of 300000'],
  ])('a copy with a byte %s is noticed, removed and fetched again', async (how, reason) => {
    const part = serveFile(small);
    await load(part);
    await page.evaluate(async (how) => {
      const cache = await caches.open('seg-models');
      const [key] = await cache.keys();
      const response = key && (await cache.match(key));
      if (!key || !response) throw new Error('nothing there');
      const bytes = new Uint8Array(await response.arrayBuffer());
      bytes[1000] = (bytes[1000] ?? 0) ^ 1;
      const damaged = how === 'flipped' ? bytes : bytes.slice(0, -1);
      await cache.put(key, new Response(damaged, { headers: response.headers }));
    }, how);
    expect(await verify()).toEqual([false]);
    server.files.delete('m');
    expect(await load(part)).toEqual({
      refused: expect.stringMatching(
        RegExp(`^integrity: .*m.onnx .*damaged.*\n {2}- the cache \\(${reason}.*\n {2}- .*/m \\(HTTP 404`),
      ),
    });
    expect(await list()).toEqual([]);
    server.files.set('m', { bytes: small });
    expect(await load(part)).toEqual(sha256Of(part));
    expect(await verify()).toEqual([true]);
  });

  describe('broken downloads', () => {
    test('are continued where they broke off, byte by byte', async () => {
      const part = serveFile(large, { ranges: true, cutAfter: 2 * MIB + 1000, cuts: 1 });
      expect(await load(part)).toEqual({
        refused: expect.stringMatching(
          /^fetch: the model file m.onnx \(3158073 bytes\) was found nowhere:\n {2}- http.*\/m \(/,
        ),
      });
      expect((await keys()).every((key) => /^SHA\/\d+$/.test(key))).toBe(true);
      const resumed = await load(part);
      expect(resumed).toEqual(sha256Of(part));
      expect('progress' in resumed && resumed.progress[0]).toBeGreaterThan(2 * MIB);
      expect(server.requests).toEqual(['m all', `m bytes=${2 * MIB + 1000}-`]);
      expect(server.sent()).toBe(large.length);
      expect(await keys()).toEqual(['SHA']);
      expect(await verify()).toEqual([true]);
    });

    test('by an abort too: it rejects with its reason, at any time', async () => {
      const part = serveFile(large, { ranges: true, slowMs: 5 });
      for (const abortAt of [1, MIB + 100_000, 2 * MIB]) {
        expect(await load(part, { abortAt })).toEqual({ refused: 'enough' });
      }
      expect(await load(part)).toEqual(sha256Of(part));
      expect(server.requests).toHaveLength(4);
      expect(server.requests.at(-1)).toMatch(/^m bytes=2\d{6}-$/);
      expect(await keys()).toEqual(['SHA']);
      const gone = await page.evaluate(
        (part) =>
          seg
            .createModelCache()
            .load(part, { signal: AbortSignal.abort('gone') })
            .catch(String),
        part,
      );
      expect(gone).toBe('gone');
    });

    test('by a page that was closed: what came before its last piece is kept', async () => {
      const part = serveFile(large, { ranges: true, slowMs: 20 });
      const other = await openPage();
      const closed = load(part, {}, other).catch(() => 'closed');
      await expect.poll(async () => (await keys()).length, { timeout: 10_000 }).toBeGreaterThan(1);
      await other.close();
      expect(await closed).toBe('closed');
      expect(await load(part)).toEqual(sha256Of(part));
      expect(server.requests[1]).toMatch(new RegExp(`^m bytes=${2 * MIB}\\d*-$|^m bytes=2\\d{6}-$`));
      expect(await verify()).toEqual([true]);
    });

    test.each([{}, { refusesRanges: true }])(
      'start anew where the server cannot continue: %j',
      async (how) => {
        const part = serveFile(small, { cutAfter: 200_000, cuts: 1, ...how });
        await load(part);
        expect(await keys()).toEqual(['SHA/0']);
        expect(await load(part)).toEqual(sha256Of(part));
        expect(server.requests.slice(0, 2)).toEqual(['m all', 'm bytes=200000-']);
        expect(await verify()).toEqual([true]);
      },
    );

    test('are thrown away where the beginning was another file', async () => {
      const part = serveFile(small, { ranges: true });
      await page.evaluate(async (key) => {
        await (await caches.open('seg-models')).put(key, new Response(new Uint8Array(100_000)));
      }, `https://seg.invalid/models/${part.sha256}/0`);
      expect(await load(part)).toEqual(sha256Of(part));
      expect(server.requests).toEqual(['m bytes=100000-', 'm all']);
      expect(await keys()).toEqual(['SHA']);
    });

    test('continue at the next address', async () => {
      server.files.set('broken', { bytes: small, ranges: true, cutAfter: 120_000 });
      server.files.set('whole', { bytes: small, ranges: true });
      const part = partOf(small, 'm', [`${server.url}broken`, `${server.url}whole`]);
      expect(await load(part)).toEqual(sha256Of(part));
      expect(server.requests).toEqual(['broken all', 'whole bytes=120000-']);
    });

    test('are cleared too', async () => {
      await load(serveFile(small, { cutAfter: 200_000 }));
      expect(await page.evaluate(() => seg.createModelCache().clear())).toEqual({ files: 0, bytes: 0 });
      expect(await keys()).toEqual([]);
    });
  });

  describe('addresses', () => {
    test('that fail are all named, with what came', async () => {
      server.files.set('page', { bytes: Buffer.from('<!doctype html><title>Log in</title>') });
      server.files.set('wrong', { bytes: noise(300_000, 9) });
      const urls = ['none', 'page', 'wrong'].map((name) => server.url + name);
      const loaded = await load(partOf(small, 'a/m.onnx', [...urls, 'file:///m.onnx']));
      const refused = 'refused' in loaded ? loaded.refused : '';
      expect(refused).toMatch(
        /^integrity: the model file a\/m.onnx \(300000 bytes\) was found, but only damaged/,
      );
      expect(refused).toContain(`- ${server.url}none (HTTP 404 Not Found)`);
      expect(refused).toMatch(
        /page \(wrong size: expected 300000 bytes, received 36, starting with "<!doctype html>/,
      );
      expect(refused).toContain(`- ${server.url}wrong (its sha256 is `);
      expect(refused).toContain('- file:///m.onnx (not an http address)');
      expect(refused).toContain('mirror of createModelCache');
      expect(await keys()).toEqual([]);
      expect(await load(partOf(small, 'm', [`${server.url}page`]))).toEqual({
        refused: expect.stringMatching(/^fetch: /),
      });
      expect(await load(partOf(small, 'm', []))).toEqual({
        refused: expect.stringMatching(/^fetch: .*nowhere/),
      });
    });

    test('of a mirror are asked first, by path and by base name; relative ones are relative to the page', async () => {
      server.files.set('mirror/sub/a #1.onnx', { bytes: small });
      server.files.set('mirror/b.onnx', { bytes: noise(9) });
      const a = partOf(small, 'sub/a #1.onnx', [`${server.url}card`]);
      const b = partOf(noise(9), 'sub/b.onnx', []);
      const options = { mirror: 'mirror' };
      expect(await load(a, { options })).toEqual(sha256Of(a));
      expect(await load(b, { options })).toEqual(sha256Of(b));
      serveFile(noise(10));
      const c = partOf(noise(10), 'c.onnx', ['./m']);
      expect(await load(c, { options: { mirror: `${server.url}mirror/` } })).toEqual(sha256Of(c));
      expect(server.requests).toEqual([
        'mirror/sub/a #1.onnx all',
        'mirror/sub/b.onnx all',
        'mirror/b.onnx all',
        'mirror/c.onnx all',
        'm all',
      ]);
    });

    test('and keys that could lead elsewhere are refused', async () => {
      const part = serveFile(small);
      for (const path of ['../m', 'a//m', '/m', 'a\\m', '']) {
        expect(await load({ ...part, path })).toEqual({
          refused: expect.stringMatching(/^invalid-card: a part's path/),
        });
      }
      const sha256 = part.sha256.toUpperCase();
      expect(await load({ ...part, sha256 })).toEqual({
        refused: expect.stringMatching(/^invalid-card: the sha256/),
      });
      expect(server.requests).toEqual([]);
    });
  });

  describe('two pages at once', () => {
    test('download once', async () => {
      const part = serveFile(small, { slowMs: 20 });
      const other = await openPage();
      const both = await Promise.all([load(part), load(part, {}, other), load(part)]);
      expect(both).toEqual([sha256Of(part), sha256Of(part), sha256Of(part)]);
      for (const loaded of both) expect('progress' in loaded && loaded.progress.at(-1)).toBe(300_000);
      expect(server.requests).toEqual(['m all']);
    });

    test('and without Web Locks do no harm', async () => {
      await context.addInitScript('Object.defineProperty(navigator, "locks", { value: undefined })');
      const part = serveFile(large, { slowMs: 2, ranges: true });
      const [one, other] = [await openPage(), await openPage()];
      const both = await Promise.all([load(part, {}, one), load(part, {}, other)]);
      expect(both).toEqual([sha256Of(part), sha256Of(part)]);
      expect(server.requests).toHaveLength(2);
      expect(await verify()).toEqual([true]);
      expect(await keys()).toEqual(['SHA']);
    });

    test('when one is aborted the other goes on', async () => {
      const part = serveFile(large, { slowMs: 5, ranges: true });
      const other = await openPage();
      const stopped = load(part, { abortAt: MIB });
      await expect.poll(() => server.requests.length).toBe(1);
      const loaded = load(part, {}, other);
      expect(await stopped).toEqual({ refused: 'enough' });
      expect(await loaded).toEqual(sha256Of(part));
      expect(server.requests).toEqual(['m all', expect.stringMatching(/^m bytes=1\d{6}-$/)]);
    });

    test('an abort while waiting for the other is heard at once', async () => {
      const part = serveFile(large, { slowMs: 20 });
      const running = load(part, {}, await openPage());
      await expect.poll(() => server.requests.length).toBe(1);
      const waited = await page.evaluate(async (part) => {
        const controller = new AbortController();
        setTimeout(() => controller.abort(new Error('enough')), 100);
        const start = performance.now();
        const error = await seg.createModelCache().load(part, { signal: controller.signal }).catch(String);
        return { error, ms: performance.now() - start };
      }, part);
      expect(waited.error).toBe('Error: enough');
      expect(waited.ms).toBeLessThan(1000);
      expect(await running).toEqual(sha256Of(part));
    });

    test('a cache that is cleared during a download has the file afterwards', async () => {
      const part = serveFile(large, { slowMs: 30 });
      const other = await openPage();
      const loading = load(part);
      await expect.poll(() => server.requests.length).toBe(1);
      await other.evaluate(() => seg.createModelCache().clear());
      expect(await loading).toEqual(sha256Of(part));
      expect(await verify()).toEqual([true]);
    });
  });

  describe('without a cache a model loads all the same', () => {
    test('where the quota is used up', async () => {
      const cdp = await context.newCDPSession(page);
      const origin = server.url.slice(0, -1);
      await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: MIB });
      const part = serveFile(large);
      expect(await load(part)).toEqual(sha256Of(part));
      expect(await list()).toEqual([]);
      expect(await load(part)).toEqual(sha256Of(part));
      expect(server.requests).toEqual(['m all', 'm all']);
      await cdp.send('Storage.overrideQuotaForOrigin', { origin });
      expect(await load(part)).toEqual(sha256Of(part));
      expect(await verify()).toEqual([true]);
    });

    test.each([
      ['there is none', 'Object.defineProperty(globalThis, "caches", { value: undefined })'],
      [
        'it is refused',
        'CacheStorage.prototype.open = () => Promise.reject(new DOMException("blocked", "SecurityError"))',
      ],
    ])('where %s; list, verify and clear say so', async (_, script) => {
      await context.addInitScript(script);
      const there = await openPage();
      const part = serveFile(small);
      expect(await load(part, {}, there)).toEqual(sha256Of(part));
      const said = await there.evaluate(() => {
        const cache = seg.createModelCache();
        return Promise.all(
          [cache.list(), cache.verify(), cache.clear()].map((call) =>
            call.catch((e) => `${e.code}: ${e.message}`),
          ),
        );
      });
      for (const each of said) expect(each).toMatch(/^unsupported: this page has no cache for models.*https/);
    });

    test('where a page is sandboxed', async () => {
      const headers = { 'access-control-allow-origin': '*' };
      const part = serveFile(small, { headers });
      server.files.set('frame', {
        bytes: Buffer.from(`<script>${script}</script><script>${loadInPage}
          loadInPage(${JSON.stringify({ part })}).then((loaded) => parent.postMessage(loaded, '*'))</script>`),
        type: 'text/html',
        headers,
      });
      const loaded = await page.evaluate(
        () =>
          new Promise((come) => {
            addEventListener('message', ({ data }) => come(data));
            const frame = document.createElement('iframe');
            frame.sandbox.value = 'allow-scripts';
            frame.src = '/frame';
            document.body.append(frame);
          }),
      );
      expect(loaded).toEqual(sha256Of(part));
    });
  });

  test('a plain-http page is told to use https before anything is fetched', async () => {
    const insecure = await openPage(server.url.replace('127.0.0.1', 'lan.test'));
    expect(await insecure.evaluate(() => isSecureContext)).toBe(false);
    expect(await load(serveFile(small), {}, insecure)).toEqual({
      refused: expect.stringMatching(/^unsupported: model files cannot be verified here.*https/),
    });
    expect(server.requests).toEqual([]);
  });

  test('webSource opens the same cache', async () => {
    const part = serveFile(small);
    const bytes = await page.evaluate(async (part) => (await seg.webSource().load(part)).length, part);
    expect(bytes).toBe(300_000);
    expect(await list()).toHaveLength(1);
  });
});

test('in Node webSource downloads, and checks what came', async () => {
  const server = await serve();
  server.files.set('wrong', { bytes: noise(300_000, 9) });
  server.files.set('right', { bytes: small });
  const part = partOf(small, 'm', [`${server.url}wrong`, `${server.url}right`]);
  expect(await sourceInNode().load(part)).toEqual(small);
  await expect(sourceInNode().load({ ...part, urls: [`${server.url}wrong`] })).rejects.toThrow(
    /its sha256 is/,
  );
  server.close();
});
