// Memory stays flat. Short by default; SEG_SOAK=1 makes it 100 openings and 2,000 runs.
import { engine } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { tfjsWebgpu } from '../src/node.ts';
import { countTensors, someInput, tiny } from './helpers.ts';

const LONG = process.env.SEG_SOAK === '1';
const STEPS = 4;

interface Sample {
  readonly tensors: number;
  /** MB of tfjs's wasm memory; it grows and never shrinks. */
  readonly wasm: number;
  /** MB that this process holds outside of JavaScript's own heap: arrays, and wasm memories. */
  readonly external: number;
  readonly resident: number;
}

async function sample(): Promise<Sample> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise((done) => setTimeout(done, 50));
  }
  const { external, rss } = process.memoryUsage();
  const wasm = Object(Object(Reflect.get(engine(), 'backendInstance')).wasm).HEAPU8?.length ?? 0;
  return { tensors: countTensors(), wasm: wasm / 1e6, external: external / 1e6, resident: rss / 1e6 };
}

async function samples(what: string, work: (times: number) => Promise<void>, times: number) {
  await work(times / STEPS); // what is made once: the back end, its kernels, the first sizes of arrays
  const all = [await sample()];
  for (let step = 0; step < STEPS; step++) {
    await work(times / STEPS);
    all.push(await sample());
  }
  const rows = all.map(
    ({ tensors, wasm, external, resident }) =>
      `${tensors} tensors, ${external.toFixed(1)} MB (wasm ${wasm.toFixed(1)}, resident ${resident.toFixed(0)})`,
  );
  process.stderr.write(`${times} ${what}:\n  ${rows.join('\n  ')}\n`);
  return { first: all[0], last: all.at(-1) };
}

for (const accelerator of ['wasm', 'cpu'] as const) {
  it(`opening, running and disposing on ${accelerator}`, { timeout: 600_000 }, async () => {
    const model = await tiny('rgb');
    const runtime = tfjsWebgpu({ accelerator });
    const { first, last } = await samples(
      `openings on ${accelerator}`,
      async (times) => {
        for (let i = 0; i < times; i++) {
          const { session, stages } = await runtime.open(model);
          (await session.run(someInput())).dispose();
          await session.dispose();
          stages.dispose();
        }
      },
      LONG ? 100 : 12,
    );
    expect(last?.tensors).toBe(0);
    expect(last?.wasm).toBe(first?.wasm);
    expect((last?.external ?? 0) - (first?.external ?? 0)).toBeLessThan(1);
  });

  it(`running on ${accelerator}`, { timeout: 600_000 }, async () => {
    const { session, stages } = await tfjsWebgpu({ accelerator }).open(await tiny('rgb'));
    const { first, last } = await samples(
      `runs on ${accelerator}`,
      async (times) => {
        for (let i = 0; i < times; i++) (await session.run(someInput())).dispose();
      },
      LONG ? 2000 : 200,
    );
    expect(last?.tensors).toBe(first?.tensors);
    expect(last?.wasm).toBe(first?.wasm);
    expect((last?.external ?? 0) - (first?.external ?? 0)).toBeLessThan(1);
    await session.dispose();
    stages.dispose();
  });
}
