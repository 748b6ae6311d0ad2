import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { ModelPart } from '@seg/core';
import { expect, test, vi } from 'vitest';
import { createModelCache } from '../src/cache.ts';
import { noise, partOf, temporaryFolder } from './helpers.ts';
import { serve } from './server.ts';

const CHILD = fileURLToPath(new URL('load-child.mjs', import.meta.url));
const bytes = noise(400_000);

function start(dir: string, part: ModelPart): ChildProcess {
  return spawn(process.execPath, [CHILD, dir, JSON.stringify(part)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function output(child: ChildProcess): Promise<string> {
  return child.stdout === null ? '' : await text(child.stdout);
}

test('two processes at once download once', async () => {
  const server = await serve({ m: { bytes, slowMs: 20 } });
  const dir = await temporaryFolder();
  const part = partOf(bytes, 'm', [`${server.url}m`]);
  const results = await Promise.all([output(start(dir, part)), output(start(dir, part))]);
  expect(results).toEqual(['loaded 400000', 'loaded 400000']);
  expect(server.requests).toEqual(['m all']);
  expect((await readdir(join(dir, 'blobs'))).sort()).toEqual([part.sha256, `${part.sha256}.json`]);
}, 20_000);

test('a killed process leaves a cache that goes on at once from where it was', async () => {
  const server = await serve({ m: { bytes, ranges: true, slowMs: 20 } });
  const dir = await temporaryFolder();
  const part = partOf(bytes, 'm', [`${server.url}m`]);
  const child = start(dir, part);
  await vi.waitFor(() => expect(server.requests).toHaveLength(1), { timeout: 10_000 });
  await new Promise((next) => setTimeout(next, 150));
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect((await readdir(join(dir, 'blobs'))).sort()).toEqual([`${part.sha256}.lock`, `${part.sha256}.part`]);
  const before = performance.now();
  expect(await createModelCache({ dir }).load(part)).toEqual(bytes);
  expect(performance.now() - before).toBeLessThan(5_000); // it did not wait for the dead one's lock to grow old
  expect(server.requests.at(-1)).toMatch(/^m bytes=\d+-$/);
  expect((await readdir(join(dir, 'blobs'))).sort()).toEqual([part.sha256, `${part.sha256}.json`]);
}, 20_000);

test('the lock of another machine that stopped is taken over; waiting for it can be aborted', async () => {
  const server = await serve({ m: { bytes } });
  const dir = await temporaryFolder();
  const part = partOf(bytes, 'm', [`${server.url}m`]);
  await mkdir(join(dir, 'blobs'));
  const lock = join(dir, 'blobs', `${part.sha256}.lock`);
  const { pid } = spawnSync(process.execPath, ['-e', '']); // dead here, but this is not its machine
  await writeFile(lock, JSON.stringify({ pid, host: `not-${hostname()}`, token: 'theirs' }));
  await utimes(lock, new Date(0), new Date(0));
  const cache = createModelCache({ dir });
  const reason = new Error('enough');
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 300);
  await expect(cache.load(part, { signal: controller.signal })).rejects.toBe(reason);
  expect(server.requests).toEqual([]);
  expect(await cache.load(part)).toEqual(bytes);
}, 30_000);
