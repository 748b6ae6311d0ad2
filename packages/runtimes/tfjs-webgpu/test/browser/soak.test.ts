/// <reference types="vite/client" />
// Memory on the GPU stays flat. Short by default; VITE_SEG_SOAK=1 makes it 100 openings and 2,000 runs.
import { loadTiny, seededImage } from '@seg/testkit';
import { engine } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { countTensors, inline } from './helpers.ts';

const OPENINGS = import.meta.env.VITE_SEG_SOAK === '1' ? 100 : 12;
const RUNS = import.meta.env.VITE_SEG_SOAK === '1' ? 20 : 5;

/** MB: what tfjs's buffers hold, those that it keeps for later included. */
function allocated(): number {
  return Object(engine().backend.memory()).numBytesAllocatedInGPU / 1e6;
}

test('opening, running, decoding and disposing on webgpu', { timeout: 600_000 }, async () => {
  const runtime = inline('webgpu');
  const model = await loadTiny('rgb', runtime);
  const samples: number[] = [];
  for (let opening = 0; opening < OPENINGS; opening++) {
    const { session, stages } = await runtime.open(model);
    for (let i = 0; i < RUNS; i++) {
      const { tensor, placement } = await stages.prepare(seededImage(20, 10, i));
      const raw = await session.run(tensor);
      const classes = await stages.decode(raw, placement, { as: 'classes', size: placement.source });
      for (const each of [tensor, raw, classes]) each.dispose();
    }
    await session.dispose();
    stages.dispose();
    samples.push(allocated());
  }
  const shown = samples.filter((_, i) => i % (OPENINGS / 4) === 0).map((each) => each.toFixed(3));
  console.info(`${OPENINGS} openings, ${OPENINGS * RUNS} runs: MB on the GPU ${shown.join(' ')}`);
  expect(samples.at(-1)).toBe(samples[2]);
  expect(countTensors()).toBe(0);
});
