import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createModelCache, defaultSource } from '../src/cache.ts';
import { defaultCacheDir } from '../src/cache-dir.ts';
import { errorOf, hasShared, noise, partOf, shared, temporaryFolder } from './helpers.ts';
import { serve } from './server.ts';

const bytes = noise(50_000);

function setEnvironment(name: string, value: string | undefined): void {
  const before = process.env[name];
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
  onTestFinished(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
}

async function filledCache(): Promise<{
  cache: ReturnType<typeof createModelCache>;
  part: ReturnType<typeof partOf>;
  blob: string;
  requests: string[];
}> {
  const server = await serve({ 'm.onnx': { bytes } });
  const cache = createModelCache({ dir: await temporaryFolder() });
  const part = partOf(bytes, 'm.onnx', [`${server.url}m.onnx`]);
  await cache.load(part);
  return { cache, part, blob: join(cache.dir, 'blobs', part.sha256), requests: server.requests };
}

describe('where files come from', () => {
  test('a file beside its card is read where it is', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'my #1 100%.onnx'), bytes);
    const cache = createModelCache({ dir: join(folder, 'cache') });
    const part = partOf(bytes, 'm.onnx', [
      pathToFileURL(join(folder, 'my #1 100%.onnx')).href,
      'http://127.0.0.1:1/m.onnx',
    ]);
    const progress: unknown[] = [];
    expect(await cache.load(part, { onProgress: (now) => progress.push(now) })).toEqual(bytes);
    expect(progress).toEqual([{ loaded: 50_000, total: 50_000 }]);
    expect(await cache.find(part)).toEqual({ path: join(folder, 'my #1 100%.onnx'), from: 'card' });
    expect(await readdir(folder)).toEqual(['my #1 100%.onnx']);
  });

  test('then the cache: the second load asks nobody', async () => {
    const { cache, part, blob, requests } = await filledCache();
    expect(await cache.load(part)).toEqual(bytes);
    expect(requests).toEqual(['m.onnx all']);
    expect(await cache.find(part)).toEqual({ path: blob, from: 'cache' });
    expect((await readdir(join(cache.dir, 'blobs'))).sort()).toEqual([part.sha256, `${part.sha256}.json`]);
  });

  test('then a mirror folder, by path and by base name, used in place', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'mirror', 'deep'), { recursive: true });
    await writeFile(join(folder, 'mirror', 'deep', 'a.onnx'), bytes);
    const flat = noise(999, 5);
    await writeFile(join(folder, 'mirror', 'b.onnx'), flat);
    for (const mirror of [join(folder, 'mirror'), pathToFileURL(join(folder, 'mirror')).href]) {
      const cache = createModelCache({ dir: join(folder, 'cache'), mirror });
      const deep = partOf(bytes, 'deep/a.onnx', ['http://127.0.0.1:1/a.onnx']);
      expect(await cache.load(deep)).toEqual(bytes);
      expect(await cache.load(partOf(flat, 'deep/b.onnx', []))).toEqual(flat);
      expect(await cache.find(deep)).toEqual({
        path: join(folder, 'mirror', 'deep', 'a.onnx'),
        from: 'mirror',
      });
    }
    expect(await readdir(folder)).toEqual(['mirror']);
  });

  test('SEG_MODEL_MIRROR and SEG_CACHE name them, also for defaultSource', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'm.onnx'), bytes);
    const source = defaultSource();
    setEnvironment('SEG_MODEL_MIRROR', folder);
    setEnvironment('SEG_CACHE', join(folder, 'cache'));
    expect(await source.load(partOf(bytes, 'm.onnx', []))).toEqual(bytes);
    const server = await serve({ m: { bytes: noise(9) } });
    expect(await source.load(partOf(noise(9), 'other.onnx', [`${server.url}m`]))).toEqual(noise(9));
    expect(await createModelCache().list()).toMatchObject([{ name: 'other.onnx' }]);
    expect(createModelCache()).toMatchObject({ dir: join(folder, 'cache'), mirror: folder });
    expect(createModelCache({ dir: '/x', mirror: '/y' })).toMatchObject({ dir: '/x', mirror: '/y' });
  });

  test.runIf(hasShared('models/files.json'))('the real mirror', async () => {
    const name = 'deeplabv3_257_mv_gpu.onnx';
    const real = new Uint8Array(await readFile(shared(`models/${name}`)));
    const cache = createModelCache({ dir: await temporaryFolder(), mirror: shared('models') });
    expect(await cache.load(partOf(real, name, []))).toEqual(real);
  });

  test('a link in a mirror counts for what it leads to', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'elsewhere'), bytes);
    await writeFile(join(folder, 'secret'), 'secret');
    await mkdir(join(folder, 'mirror'));
    await symlink('../elsewhere', join(folder, 'mirror', 'a.onnx'));
    await symlink('../secret', join(folder, 'mirror', 'b.onnx'));
    const cache = createModelCache({ dir: join(folder, 'cache'), mirror: join(folder, 'mirror') });
    expect(await cache.load(partOf(bytes, 'a.onnx', []))).toEqual(bytes);
    expect((await errorOf(cache.load(partOf(bytes, 'b.onnx', [])))).code).toBe('integrity');
  });
});

describe('damage', () => {
  test('any changed bit, or a missing end, is fetched again', async () => {
    const { cache, part, blob, requests } = await filledCache();
    for (const at of [0, 12_345, 49_999]) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      await writeFile(blob, damaged);
      expect(await cache.verify()).toMatchObject([{ name: 'm.onnx', ok: false }]);
      expect(await cache.load(part)).toEqual(bytes);
      expect(await cache.verify()).toMatchObject([{ name: 'm.onnx', ok: true }]);
    }
    await writeFile(blob, bytes.subarray(0, 100));
    expect(await cache.load(part)).toEqual(bytes);
    expect(requests).toHaveLength(5);
    await writeFile(blob, bytes.subarray(0, 100));
    const error = await errorOf(createModelCache({ dir: cache.dir, offline: true }).load(part));
    expect(error.message).toContain('(cache: 100 bytes instead of 50000)');
  });

  test('without an address that delivers it, it is gone and the error says so', async () => {
    const { cache, part, blob } = await filledCache();
    await writeFile(blob, noise(50_000, 2));
    const offline = createModelCache({ dir: cache.dir, offline: true });
    const error = await errorOf(offline.load(part));
    expect(error.code).toBe('integrity');
    expect(error.message).toContain('was found, but only damaged or as another file');
    expect(error.message).toContain(`${blob} (cache: its sha256 is `);
    expect(error.message).toContain('m.onnx (offline)');
    await expect(stat(blob)).rejects.toThrow('ENOENT');
    expect(await cache.load(part)).toEqual(bytes);
  });

  test('a wrong file in a mirror is not deleted, and the next place is asked', async () => {
    const server = await serve({ 'm.onnx': { bytes } });
    const mirror = await temporaryFolder();
    await writeFile(join(mirror, 'm.onnx'), noise(50_000, 2));
    const cache = createModelCache({ dir: await temporaryFolder(), mirror });
    expect(await cache.load(partOf(bytes, 'm.onnx', [`${server.url}m.onnx`]))).toEqual(bytes);
    expect(await readdir(mirror)).toEqual(['m.onnx']);
  });
});

describe('nothing delivers', () => {
  test('the error lists what was tried, each with its reason, and what to do', async () => {
    const [dir, mirror] = [await temporaryFolder(), await temporaryFolder()];
    const cache = createModelCache({ dir, mirror });
    const part = partOf(bytes, 'sub/m.onnx', ['file:///nowhere/m.onnx']);
    const error = await errorOf(cache.load(part));
    expect(error.code).toBe('io');
    expect(error.message).toBe(
      [
        'the model file sub/m.onnx (50000 bytes) was found nowhere:',
        '  - /nowhere/m.onnx (card: no such file)',
        `  - ${join(dir, 'blobs', part.sha256)} (cache: no such file)`,
        `  - ${join(mirror, 'sub/m.onnx')} (mirror: no such file)`,
        `  - ${join(mirror, 'm.onnx')} (mirror: no such file). Put it into a folder and name that in SEG_MODEL_MIRROR ` +
          '(or an address that has it), or run `seg models pull` where there is a network',
      ].join('\n'),
    );
    expect(await cache.find(part)).toBeNull();
    expect(await readdir(dir)).toEqual([]);
  });
});

describe('paths', () => {
  const evil = [
    '../evil',
    '../../evil',
    'a/../../evil',
    '/etc/passwd',
    'C:/evil',
    'C:evil',
    'a\\..\\evil',
    '..\\evil',
    '',
    'a//b',
    './a',
    'a\0b',
    'a/..',
  ];

  test.each(evil)('%j never leaves the mirror', async (path) => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'mirror', 'a'), { recursive: true });
    await writeFile(join(folder, 'evil'), bytes);
    const cache = createModelCache({ dir: join(folder, 'cache'), mirror: join(folder, 'mirror') });
    for (const use of [cache.load(partOf(bytes, path, [])), cache.find(partOf(bytes, path, []))]) {
      expect(await errorOf(use)).toMatchObject({
        code: 'invalid-card',
        message: expect.stringContaining("a part's path"),
      });
    }
  });

  test('a sha256 that is none names no file', async () => {
    const cache = createModelCache({ dir: await temporaryFolder() });
    for (const sha256 of ['../../evil', 'A'.repeat(64), '']) {
      const error = await errorOf(cache.load({ ...partOf(bytes, 'm.onnx', []), sha256 }));
      expect(error).toMatchObject({
        code: 'invalid-card',
        message: expect.stringContaining('64 lower-case'),
      });
    }
  });

  test('a file address with a host is not followed', async () => {
    const cache = createModelCache({ dir: await temporaryFolder() });
    const error = await errorOf(cache.load(partOf(bytes, 'm.onnx', ['file://server/share/m.onnx'])));
    expect(error.message).not.toContain('server');
  });
});

describe('list, verify, clear', () => {
  test('know names, sizes and paths', async () => {
    const { cache, part, blob } = await filledCache();
    const entry = { name: 'm.onnx', sha256: part.sha256, bytes: 50_000, path: blob };
    expect(await cache.list()).toEqual([entry]);
    expect(await cache.verify()).toEqual([{ ...entry, ok: true }]);
    await writeFile(`${blob}.json`, 'not json');
    expect(await cache.list()).toEqual([{ ...entry, name: part.sha256 }]);
    expect(await cache.load(part)).toEqual(bytes);
  });

  test('clear takes what is its own and nothing else', async () => {
    const { cache, part, blob } = await filledCache();
    await writeFile(join(cache.dir, 'mine.txt'), 'mine');
    await writeFile(join(cache.dir, 'blobs', 'mine.txt'), 'mine');
    await writeFile(`${blob}.part`, 'a broken download');
    expect(await cache.clear()).toEqual({ files: 1, bytes: 50_000 });
    expect((await readdir(cache.dir)).sort()).toEqual(['blobs', 'mine.txt']);
    expect(await readdir(join(cache.dir, 'blobs'))).toEqual(['mine.txt']);
    expect(await cache.list()).toEqual([]);
    expect(await cache.load(part)).toEqual(bytes);
  });

  test('an unused cache is empty and makes no folder', async () => {
    const folder = await temporaryFolder();
    const cache = createModelCache({ dir: join(folder, 'cache') });
    expect(await cache.list()).toEqual([]);
    expect(await cache.verify()).toEqual([]);
    expect(await cache.clear()).toEqual({ files: 0, bytes: 0 });
    expect(await readdir(folder)).toEqual([]);
  });
});

test('the folder of each platform', () => {
  expect(defaultCacheDir({ SEG_CACHE: '/c', XDG_CACHE_HOME: '/x' }, 'linux', '/home/a')).toBe('/c');
  expect(defaultCacheDir({ SEG_CACHE: '', XDG_CACHE_HOME: '/x' }, 'linux', '/home/a')).toBe('/x/seg');
  expect(defaultCacheDir({}, 'linux', '/home/a')).toBe('/home/a/.cache/seg');
  expect(defaultCacheDir({}, 'darwin', '/Users/a')).toBe('/Users/a/Library/Caches/seg');
  expect(defaultCacheDir({ LOCALAPPDATA: '/L' }, 'win32', '/a')).toBe('/L/seg');
  expect(defaultCacheDir({}, 'win32', '/a')).toBe('/a/AppData/Local/seg');
});
