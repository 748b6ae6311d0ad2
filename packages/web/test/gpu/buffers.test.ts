import { SegmentError } from '@seg/core';
import { afterEach, expect, it, vi } from 'vitest';
import { createBufferPool } from '../../src/gpu/buffer-pool.ts';
import { createPlanCache } from '../../src/gpu/plan.ts';
import { createGpuPreparer } from '../../src/gpu/prepare.ts';
import { readBuffer } from '../../src/gpu/readback.ts';
import { modelOf, whole } from '../browser/gpu-helpers.ts';
import { fakeGpu } from './fake-gpu.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

async function setUp() {
  const gpu = fakeGpu();
  const { device } = await gpu.lease({ shared: false });
  const live = () => gpu.buffers.filter(({ isDestroyed }) => !isDestroyed).map(({ size }) => size);
  return { gpu, device, live, pool: createBufferPool(device) };
}

it('keeps free buffers of the sizes that were used last', async () => {
  const { device, live, pool } = await setUp();
  for (let size = 16; size <= 16 * 100; size += 16) {
    (await pool.take(size)).release();
    if (size > 16) (await pool.take(16)).release();
  }
  expect(live()).toHaveLength(8);
  expect(live()).toContain(16);
  expect(live()).toContain(1600);
  const lent = await Promise.all([1, 2, 3, 4].map(() => pool.take(16)));
  for (const each of lent) each.release();
  expect(live().filter((size) => size === 16)).toHaveLength(3);
  pool.clear();
  for (let size = 4; size <= 400; size += 4) {
    const buffer = device.createBuffer({ size, usage: 0 });
    await readBuffer(device, { buffer, byteOffset: 0 }, size, undefined);
    buffer.destroy();
  }
  expect(live()).toEqual([388, 392, 396, 400]);
});

it('out of memory: free buffers make room, once', async () => {
  const { gpu, device, live, pool } = await setUp();
  const kept = await pool.take(32);
  (await pool.take(64)).release();
  const source = device.createBuffer({ size: 8, usage: 0 });
  await readBuffer(device, { buffer: source, byteOffset: 0 }, 8, undefined);
  source.destroy();
  expect(live()).toEqual([32, 64, 8]);
  gpu.scopes.push({ message: 'full' });
  const found = await pool.take(128);
  expect(live()).toEqual([32, 128]);
  gpu.scopes.push({ message: 'full' }, { message: 'still full' });
  await expect(pool.take(256)).rejects.toThrow(/out of memory.*received still full/);
  expect(live()).toEqual([32, 128]);
  expect(gpu.buffers).toHaveLength(8); // two more for each of the last two: one attempt, one again
  for (const each of [kept, found]) each.release();
});

it('a read submits its copy before it waits, and says when there is no room for it', async () => {
  const { gpu, device, live } = await setUp();
  const buffer = device.createBuffer({ size: 8, usage: 0 });
  const reading = readBuffer(device, { buffer, byteOffset: 0 }, 8, undefined);
  expect(gpu.log.at(-1)).toBe('submit');
  expect((await reading).byteLength).toBe(8);
  gpu.scopes.push({ message: 'full' }, { message: 'the copy is no buffer' });
  const failing = readBuffer(device, { buffer, byteOffset: 0 }, 4, undefined);
  await expect(failing).rejects.toThrow(/out of memory.*received full/);
  gpu.scopes.push(null, { message: 'the source is gone' });
  const refused = readBuffer(device, { buffer, byteOffset: 0 }, 4, undefined);
  await expect(refused).rejects.toMatchObject({ code: 'runtime' });
  expect(live()).toEqual([8, 8]);
});

it('a preparation that fails gives back what it took', async () => {
  const { device } = await setUp();
  const { input } = modelOf({ dtype: 'uint8' }).variant;
  let out = 0;
  let room = 1;
  const pool = {
    async take() {
      if (room === 0) throw new SegmentError('unsupported', 'the GPU is out of memory');
      room--;
      out++;
      let isOut = true;
      const release = (): void => {
        if (isOut) out--;
        isOut = false;
      };
      return { buffer: device.createBuffer({ size: 4, usage: 0 }), release };
    },
    clear() {},
  };
  const { get, ...rest } = createPlanCache(device);
  const plans = {
    ...rest,
    get(): ReturnType<typeof get> {
      throw new Error('no plan');
    },
  };
  const preparer = createGpuPreparer(device, input, pool, plans);
  const size = { width: 4, height: 4 };
  const walk = { origin: 0, stepX: 3, stepY: 12 };
  const picture = {
    kind: 'pixels',
    size,
    orientation: 1,
    walk,
    upload: () => expect.fail('not reached'),
    close() {},
  } as const;
  await expect(preparer.prepare(picture, whole(4, 4), null)).rejects.toMatchObject({ code: 'unsupported' });
  expect(out).toBe(0);
  room = 2;
  await expect(preparer.prepare(picture, whole(4, 4), null)).rejects.toThrow('no plan');
  expect(out).toBe(0);
});
