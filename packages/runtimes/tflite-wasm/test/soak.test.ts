// Memory stays flat. Short by default; SEG_SOAK=1 makes it 100 openings and 40,000 runs of a tiny model: as many, because
// only what does not fit into the 33 MB that a wasm memory begins with makes it grow.
import { expect, it } from 'vitest';
import { tfliteWasm } from '../src/node.ts';
import { loadTinyTflite, someInput } from './helpers.ts';

const LONG = process.env.SEG_SOAK === '1';

/** MB of live objects and what hangs on them (wasm memories are there), and MB in all. */
async function memory(): Promise<{ live: number; resident: number }> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise((done) => setTimeout(done, 50));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { live: (heapUsed + external) / 1e6, resident: rss / 1e6 };
}

function report(what: string, samples: readonly { live: number; resident: number }[]): void {
  const rows = samples.map(({ live, resident }) => `${live.toFixed(1)} (${resident.toFixed(0)})`);
  process.stderr.write(`${what}: MB alive (resident): ${rows.join(', ')}\n`);
}

async function sample(steps: number, work: () => Promise<void>) {
  const samples = [await memory()];
  for (let step = 0; step < steps; step++) {
    await work();
    samples.push(await memory());
  }
  return samples;
}

it.for([1, 2])('opening and disposing, %i thread(s)', { timeout: 600_000 }, async (threads) => {
  const runtime = tfliteWasm({ threads });
  const model = await loadTinyTflite('rgb');
  const input = someInput();
  async function open(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      const { session, stages } = await runtime.open(model);
      (await session.run(input)).dispose();
      await session.dispose();
      stages.dispose();
    }
  }
  await open(2); // what is kept for ever: the compiled wasm
  const samples = await sample(4, () => open(LONG ? 25 : 3));
  report(`${LONG ? 100 : 12} openings, ${threads} thread(s)`, samples);
  const [first, last] = [samples[0], samples.at(-1)];
  // one wasm memory alone is 33 MB
  expect((last?.live ?? 0) - (first?.live ?? 0)).toBeLessThan(3);
});

it('running', { timeout: 600_000 }, async () => {
  const { session, stages } = await tfliteWasm({ threads: 1 }).open(await loadTinyTflite('rgb'));
  const input = someInput();
  async function run(times: number): Promise<void> {
    for (let i = 0; i < times; i++) (await session.run(input)).dispose();
  }
  await run(50);
  const samples = await sample(4, () => run(LONG ? 10_000 : 3000));
  report(`${LONG ? 40_000 : 12_000} runs`, samples);
  const [first, last] = [samples[0], samples.at(-1)];
  expect(Math.abs((last?.live ?? 0) - (first?.live ?? 0))).toBeLessThan(1);
  await session.dispose();
  stages.dispose();
});
