import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelPart } from '@seg/core';
import { describe, expect, test, vi } from 'vitest';
import { createModelCache, type ModelCache } from '../src/cache.ts';
import { errorOf, noise, partOf, smallDisk, temporaryFolder } from './helpers.ts';
import { serve } from './server.ts';

const bytes = noise(300_000);

async function emptyCache(options: { mirror?: string } = {}): Promise<ModelCache> {
  return createModelCache({ dir: await temporaryFolder(), ...options });
}

async function putPartial(cache: ModelCache, part: ModelPart, content: Uint8Array): Promise<void> {
  await mkdir(join(cache.dir, 'blobs'), { recursive: true });
  await writeFile(join(cache.dir, 'blobs', `${part.sha256}.part`), content);
}

async function blobs(cache: ModelCache): Promise<string[]> {
  return (await readdir(join(cache.dir, 'blobs'))).map((name) => name.replace(/^[0-9a-f]{64}/, 'SHA')).sort();
}

describe('broken downloads', () => {
  test('are continued where they broke off', async () => {
    const server = await serve({ m: { bytes, ranges: true, cutAfter: 200_000, cuts: 1 } });
    const cache = await emptyCache();
    const part = partOf(bytes, 'm', [`${server.url}m`]);
    const error = await errorOf(cache.load(part));
    expect(error.code).toBe('fetch');
    expect(error.message).toContain(`${server.url}m (`);
    expect(await blobs(cache)).toEqual(['SHA.part']);
    expect(await readFile(join(cache.dir, 'blobs', `${part.sha256}.part`))).toHaveLength(200_000);
    const progress: number[] = [];
    expect(
      await cache.load(part, { onProgress: ({ loaded, total }) => progress.push(loaded / total) }),
    ).toEqual(bytes);
    expect(server.requests).toEqual(['m all', 'm bytes=200000-']);
    expect(progress[0]).toBeGreaterThan(2 / 3);
    expect(progress.at(-1)).toBe(1);
    expect(await blobs(cache)).toEqual(['SHA', 'SHA.json']);
    expect(await cache.verify()).toMatchObject([{ ok: true }]);
  });

  test('start anew where the server knows no ranges', async () => {
    const server = await serve({ m: { bytes, cutAfter: 200_000, cuts: 1 } });
    const cache = await emptyCache();
    const part = partOf(bytes, 'm', [`${server.url}m`]);
    await errorOf(cache.load(part));
    expect(await cache.load(part)).toEqual(bytes);
    expect(server.requests).toEqual(['m all', 'm bytes=200000-']);
    expect(await cache.verify()).toMatchObject([{ ok: true }]);
  });

  test('are thrown away once where the beginning was another file', async () => {
    const server = await serve({ m: { bytes, ranges: true } });
    const cache = await emptyCache();
    const part = partOf(bytes, 'm', [`${server.url}m`]);
    await putPartial(cache, part, noise(100_000, 2));
    expect(await cache.load(part)).toEqual(bytes);
    expect(server.requests).toEqual(['m bytes=100000-', 'm all']);
    expect(await cache.verify()).toMatchObject([{ ok: true }]);
  });

  test('that only lacked their name need no network; longer ones start anew', async () => {
    const server = await serve({ m: { bytes, ranges: true } });
    const cache = await emptyCache();
    const part = partOf(bytes, 'm', [`${server.url}m`]);
    await putPartial(cache, part, bytes);
    expect(await cache.load(part)).toEqual(bytes);
    expect(server.requests).toEqual([]);
    await cache.clear();
    await putPartial(cache, part, noise(300_001));
    expect(await cache.load(part)).toEqual(bytes);
    expect(server.requests).toEqual(['m all']);
    expect(await cache.verify()).toMatchObject([{ ok: true }]);
  });

  test('start anew where the server refuses to continue', async () => {
    const server = await serve({ m: { bytes, refusesRanges: true } });
    const cache = await emptyCache();
    const part = partOf(bytes, 'm', [`${server.url}m`]);
    await putPartial(cache, part, bytes.subarray(0, 1000));
    expect(await cache.load(part)).toEqual(bytes);
    expect(server.requests).toEqual(['m bytes=1000-', 'm all']);
    expect(await cache.verify()).toMatchObject([{ ok: true }]);
  });

  test('continue at the next address', async () => {
    const server = await serve({
      broken: { bytes, ranges: true, cutAfter: 120_000 },
      whole: { bytes, ranges: true },
    });
    const cache = await emptyCache();
    const part = partOf(bytes, 'm', [`${server.url}broken`, `${server.url}whole`]);
    expect(await cache.load(part)).toEqual(bytes);
    expect(server.requests).toEqual(['broken all', 'whole bytes=120000-']);
  });
});

describe('addresses', () => {
  test('that fail are all named, with their reasons', async () => {
    const server = await serve({
      wrong: { bytes: noise(300_000, 2) },
      short: { bytes: noise(10) },
      long: { bytes: noise(400_000) },
    });
    const cache = await emptyCache();
    const urls = ['none', 'wrong', 'short', 'long'].map((name) => server.url + name);
    const error = await errorOf(cache.load(partOf(bytes, 'm', [...urls, 'http://127.0.0.1:1/m'])));
    expect(error.code).toBe('integrity');
    expect(error.message).toContain(`- ${server.url}none (HTTP 404 Not Found)`);
    expect(error.message).toContain(`- ${server.url}wrong (its sha256 is `);
    expect(error.message).toContain(`- ${server.url}short (wrong size: expected 300000 bytes, received 10`);
    expect(error.message).toContain(`- ${server.url}long (wrong size: expected 300000 bytes, received more`);
    expect(error.message).toContain('- http://127.0.0.1:1/m (');
    expect(error.message).toContain('SEG_MODEL_MIRROR');
    expect(error.message).toContain('`seg models pull`');
    expect(await cache.list()).toEqual([]);
  });

  test('after a wrong file the next one is taken, unharmed by it', async () => {
    const server = await serve({
      wrong: { bytes: noise(300_000, 2), ranges: true },
      right: { bytes, ranges: true },
    });
    const cache = await emptyCache();
    expect(await cache.load(partOf(bytes, 'm', [`${server.url}wrong`, `${server.url}right`]))).toEqual(bytes);
    expect(await cache.verify()).toMatchObject([{ ok: true }]);
  });

  test('a wrong file leaves nothing of it behind', async () => {
    const server = await serve({ wrong: { bytes: noise(300_000, 2) } });
    const cache = await emptyCache();
    const part = partOf(bytes, 'm', [`${server.url}wrong`]);
    expect((await errorOf(cache.load(part))).code).toBe('integrity');
    expect(await readFile(join(cache.dir, 'blobs', `${part.sha256}.part`))).toHaveLength(0);
  });

  test('only a 404 is a failed fetch', async () => {
    const server = await serve({});
    expect((await errorOf((await emptyCache()).load(partOf(bytes, 'm', [`${server.url}m`])))).code).toBe(
      'fetch',
    );
  });

  test('a mirror address goes first, by path and by base name, and is verified and kept', async () => {
    const server = await serve({
      'mirror/sub/a #1%.onnx': { bytes },
      'mirror/c.onnx': { bytes: noise(9) },
      'mirror/d.onnx': { bytes: noise(300_000, 2) },
      card: { bytes },
    });
    for (const mirror of [`${server.url}mirror`, `${server.url}mirror/`]) {
      const cache = await emptyCache({ mirror });
      expect(await cache.load(partOf(bytes, 'sub/a #1%.onnx', [`${server.url}card`]))).toEqual(bytes);
      expect(await cache.load(partOf(noise(9), 'sub/c.onnx', []))).toEqual(noise(9));
      expect((await cache.list()).map(({ name }) => name)).toEqual(['sub/a #1%.onnx', 'sub/c.onnx']);
      expect(server.requests).toEqual([
        'mirror/sub/a #1%.onnx all',
        'mirror/sub/c.onnx all',
        'mirror/c.onnx all',
      ]);
      server.requests.length = 0;
    }
    const cache = await emptyCache({ mirror: `${server.url}mirror` });
    expect(await cache.load(partOf(bytes, 'd.onnx', [`${server.url}card`]))).toEqual(bytes);
    expect(server.requests).toEqual(['mirror/d.onnx all', 'card all']);
  });

  test('are not asked offline, the mirror included', async () => {
    const server = await serve({ m: { bytes } });
    const cache = createModelCache({ dir: await temporaryFolder(), mirror: server.url, offline: true });
    const error = await errorOf(cache.load(partOf(bytes, 'm', [`${server.url}m`])));
    expect(error.code).toBe('io');
    expect(error.message).toContain(`- ${server.url}m (offline)`);
    expect(server.requests).toEqual([]);
  });
});

describe('abort', () => {
  test('at any time leaves a cache that goes on from there', async () => {
    const server = await serve({ m: { bytes, ranges: true, slowMs: 5 } });
    const cache = await emptyCache();
    const part = partOf(bytes, 'm', [`${server.url}m`]);
    const reason = new Error('enough');
    await expect(cache.load(part, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    for (const stopAt of [1, 60_000, 150_000]) {
      const controller = new AbortController();
      const onProgress = ({ loaded }: { loaded: number }) => loaded >= stopAt && controller.abort(reason);
      await expect(cache.load(part, { signal: controller.signal, onProgress })).rejects.toBe(reason);
      expect(await blobs(cache)).toEqual(['SHA.part']);
    }
    expect(await cache.load(part)).toEqual(bytes);
    expect(server.requests.at(-1)).toMatch(/^m bytes=1\d{5}-$/);
    expect(await cache.verify()).toMatchObject([{ ok: true }]);
  });
});

describe('the disk', () => {
  test('a folder that cannot be made is said, and how to choose another', async () => {
    const server = await serve({ m: { bytes } });
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), '');
    const cache = createModelCache({ dir: join(folder, 'file', 'cache') });
    const error = await errorOf(cache.load(partOf(bytes, 'm', [`${server.url}m`])));
    expect(error.code).toBe('io');
    expect(error.message).toContain('the model cache cannot be written');
    expect(error.message).toContain('SEG_CACHE');
  });

  test('that is full is said, and is not the fault of the address', async ({ skip }) => {
    const folder = await smallDisk('128k');
    if (folder === null) return skip();
    const server = await serve({ m: { bytes } });
    const error = await errorOf(
      createModelCache({ dir: folder }).load(partOf(bytes, 'm', [`${server.url}m`])),
    );
    expect(error.code).toBe('io');
    expect(error.message).toContain('the disk is full');
    expect(error.message).toContain('SEG_CACHE');
  });
});

test('a cache that is cleared during a download has the file afterwards', async () => {
  const server = await serve({ m: { bytes, slowMs: 10 } });
  const cache = await emptyCache();
  const loading = cache.load(partOf(bytes, 'm', [`${server.url}m`]));
  await vi.waitFor(() => expect(server.requests).toHaveLength(1));
  await cache.clear();
  expect(await loading).toEqual(bytes);
  expect(await cache.verify()).toMatchObject([{ ok: true }]);
});

test('many at once download once', async () => {
  const server = await serve({ m: { bytes, slowMs: 2 } });
  const cache = await emptyCache();
  const part = partOf(bytes, 'm', [`${server.url}m`]);
  const loaded = await Promise.all(Array.from({ length: 6 }, () => cache.load(part)));
  for (const one of loaded) expect(one).toEqual(bytes);
  expect(server.requests).toEqual(['m all']);
  expect(await blobs(cache)).toEqual(['SHA', 'SHA.json']);
});
