// Memory of the page and its workers stays flat; test/soak.test.ts has the long form.
import { createSegmenter } from '@seg/core';
import { seededImage, tinyCards, tinySource } from '@seg/testkit';
import { expect, test } from 'vitest';
import { type TfliteWasmOptions, tfliteWasm } from '../../src/index.ts';

/** MB of this page and its workers, wasm included. */
async function memory(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise((done) => setTimeout(done, 50));
  }
  const measure: () => Promise<{ bytes: number }> = Reflect.get(
    performance,
    'measureUserAgentSpecificMemory',
  );
  return (await measure.call(performance)).bytes / 1e6;
}

async function segment(options: TfliteWasmOptions, { openings, runs }: { openings: number; runs: number }) {
  for (let i = 0; i < openings; i++) {
    const runtime = tfliteWasm(options);
    const segmenter = await createSegmenter({ model: tinyCards.rgb, runtime, source: tinySource });
    for (let run = 0; run < runs; run++) (await segmenter.segment(seededImage(20, 10, run))).dispose();
    await segmenter.dispose();
  }
}

test.for([
  { mode: 'inline', threads: 1 },
  { mode: 'worker', threads: 1 },
] as const)('ten openings with 20 runs each: %o', { timeout: 300_000 }, async (options) => {
  await segment(options, { openings: 2, runs: 20 });
  const before = await memory();
  await segment(options, { openings: 10, runs: 20 });
  const after = await memory();
  console.log(
    `${options.mode}, ${options.threads} thread(s): ${before.toFixed(1)} MB, then ${after.toFixed(1)}`,
  );
  expect(after - before).toBeLessThan(3); // one wasm memory alone is 33 MB
});
