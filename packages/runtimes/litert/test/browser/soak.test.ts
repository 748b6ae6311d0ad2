/// <reference types="vite/client" />
// Memory of the page, its workers and its GPU stays flat; test/soak.test.ts has the long form.
import { createSegmenter } from '@seg/core';
import { seededImage, tinyCards, tinySource } from '@seg/testkit';
import { leaseDevice, stageLimits } from '@seg/web/gpu';
import { expect, test } from 'vitest';
import { vendorAt } from '../../../../../tests/browser/shared.ts';
import { type LitertOptions, litert } from '../../src/index.ts';

const wasmPaths = vendorAt('litert', '@litertjs/core/wasm');
const workerUrl = '/repo/packages/runtimes/litert/dist/worker.js';

async function collect(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** MB of this page and its workers, wasm included. */
async function memory(): Promise<number> {
  await collect();
  const measure: () => Promise<{ bytes: number }> = Reflect.get(
    performance,
    'measureUserAgentSpecificMemory',
  );
  return (await measure.call(performance)).bytes / 1e6;
}

async function segment(options: LitertOptions, { openings, runs }: { openings: number; runs: number }) {
  for (let i = 0; i < openings; i++) {
    const runtime = litert({ wasmPaths, workerUrl, ...options });
    const segmenter = await createSegmenter({ model: tinyCards.rgb, runtime, source: tinySource });
    for (let run = 0; run < runs; run++) (await segmenter.segment(seededImage(20, 10, run))).dispose();
    await segmenter.dispose();
  }
}

/** Chromium takes up to 20 s to tell a page's memory, so that `pnpm soak` asks for the others. */
const CASES = [
  { mode: 'inline', threads: 1 },
  { mode: 'inline', threads: 2 },
  { mode: 'worker', threads: 1 },
  { mode: 'inline', accelerator: 'webgpu' },
] as const;

test.for(import.meta.env.VITE_SEG_SOAK === '1' ? CASES : CASES.slice(0, 1))(
  'ten openings with 20 runs each: %o',
  { timeout: 180_000 },
  async (options) => {
    await segment(options, { openings: 2, runs: 20 });
    const before = await memory();
    await segment(options, { openings: 10, runs: 20 });
    const after = await memory();
    console.log(`${JSON.stringify(options)}: ${before.toFixed(1)} MB, then ${after.toFixed(1)}`);
    expect(after - before).toBeLessThan(3); // one wasm memory alone is 17 MB
  },
);

test('buffers of a device that others keep', { timeout: 120_000 }, async () => {
  const variant = tinyCards.rgb.variants.find(({ format }) => format === 'tflite');
  if (variant === undefined) throw new Error('tiny-rgb has no TFLite variant');
  const lease = await leaseDevice({ requiredLimits: stageLimits(variant) });
  const living = countBuffers(lease.device);
  const options = { mode: 'inline', accelerator: 'webgpu' } as const;
  await segment(options, { openings: 4, runs: 3 });
  await collect();
  expect(living()).toBe(0);

  const runtime = litert({ wasmPaths, ...options });
  const segmenter = await createSegmenter({ model: tinyCards.rgb, runtime, source: tinySource });
  const run = async () => (await segmenter.segment(seededImage(20, 10, 1))).dispose();
  for (let i = 0; i < 5; i++) await run();
  await collect();
  const before = living();
  for (let i = 0; i < 30; i++) await run();
  await collect();
  expect(living()).toBe(before);
  await segmenter.dispose();
  lease.release();
});

/** Buffers that were neither destroyed nor collected. */
function countBuffers(device: GPUDevice): () => number {
  let living = 0;
  const collected = new FinalizationRegistry<{ counted: boolean }>(forget);
  function forget(token: { counted: boolean }): void {
    if (token.counted) living--;
    token.counted = false;
  }
  const create = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    const token = { counted: true };
    living++;
    collected.register(buffer, token);
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      forget(token);
      return destroy();
    };
    return buffer;
  };
  return () => living;
}
