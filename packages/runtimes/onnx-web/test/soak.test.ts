// Memory stays flat. Short by default; SEG_SOAK=1 makes it 100 openings and 2,000 runs.
import { expect, it } from 'vitest';
import { openTiny, someInput } from './helpers.ts';

const LONG = process.env.SEG_SOAK === '1';

/** MB of live objects and what hangs on them (wasm memories are there). */
async function memory(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise((done) => setTimeout(done, 50));
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

async function growth(what: string, work: () => Promise<void>): Promise<number> {
  const samples = [await memory()];
  for (let step = 0; step < 4; step++) {
    await work();
    samples.push(await memory());
  }
  process.stderr.write(`onnx-web, ${what}: MB alive: ${samples.map((each) => each.toFixed(1)).join(', ')}\n`);
  return (samples.at(-1) ?? 0) - (samples[0] ?? 0);
}

it('opening and disposing', { timeout: 600_000 }, async () => {
  async function open(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      const { session, stages } = await openTiny('rgb');
      (await session.run(someInput())).dispose();
      await session.dispose();
      stages.dispose();
    }
  }
  await open(10);
  expect(await growth(`${LONG ? 100 : 20} openings`, () => open(LONG ? 25 : 5))).toBeLessThan(1);
});

it('running', { timeout: 600_000 }, async () => {
  const { session, stages } = await openTiny('rgb');
  async function run(times: number): Promise<void> {
    for (let i = 0; i < times; i++) (await session.run(someInput())).dispose();
  }
  await run(50);
  expect(await growth(`${LONG ? 2000 : 200} runs`, () => run(LONG ? 500 : 50))).toBeLessThan(1);
  await session.dispose();
  stages.dispose();
});
