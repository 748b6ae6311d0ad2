// Memory stays flat. Short by default; SEG_SOAK=1 makes it 100 openings and 400 that are refused.
import { expect, it } from 'vitest';
import { litert } from '../src/node.ts';
import { fileModel, loadTinyTflite, someInput } from './helpers.ts';

const LONG = process.env.SEG_SOAK === '1';

/** MB of live objects and what hangs on them (the wasm's memory is there), and MB in all. */
async function memory(): Promise<{ live: number; resident: number }> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise((done) => setTimeout(done, 50));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { live: (heapUsed + external) / 1e6, resident: rss / 1e6 };
}

/** A tiny model in a file of 2 MB: one that is kept in the wasm's memory would show. */
async function largeFile(output: { name?: string } = {}) {
  const [bytes = new Uint8Array()] = (await loadTinyTflite('rgb')).parts;
  const file = new Uint8Array(2_000_000);
  file.set(bytes);
  return fileModel(file, {}, output);
}

async function sample(what: string, steps: number, work: () => Promise<void>): Promise<number> {
  const samples = [await memory()];
  for (let step = 0; step < steps; step++) {
    await work();
    samples.push(await memory());
  }
  const rows = samples.map(({ live, resident }) => `${live.toFixed(1)} (${resident.toFixed(0)})`);
  process.stderr.write(`${what}: MB alive (resident): ${rows.join(', ')}\n`);
  return (samples.at(-1)?.live ?? 0) - (samples[0]?.live ?? 0);
}

it('opening and disposing', { timeout: 600_000 }, async () => {
  const model = await largeFile();
  const input = someInput();
  async function open(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      const { session, stages } = await litert().open(model);
      (await session.run(input)).dispose();
      await session.dispose();
      stages.dispose();
    }
  }
  await open(10);
  const growth = await sample(`${LONG ? 100 : 20} openings`, 4, () => open(LONG ? 25 : 5));
  expect(growth).toBeLessThan(1); // one wasm memory alone is 17 MB
});

it('openings that are refused', { timeout: 600_000 }, async () => {
  const wrong = await largeFile({ name: 'none' });
  async function open(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      // not by expect, which keeps every error until the test ends
      const said = await litert()
        .open(wrong)
        .catch((error: unknown) => String(error));
      if (typeof said !== 'string' || !said.includes('"none"')) throw new Error(`not refused: ${said}`);
    }
  }
  await open(10);
  expect(await sample(`${LONG ? 400 : 40} refusals`, 4, () => open(LONG ? 100 : 10))).toBeLessThan(1);
});

it('running', { timeout: 600_000 }, async () => {
  const { session, stages } = await litert().open(await loadTinyTflite('rgb'));
  const input = someInput();
  async function run(times: number): Promise<void> {
    for (let i = 0; i < times; i++) (await session.run(input)).dispose();
  }
  await run(50);
  // so many that outputs of 1 kB which are kept would show in a memory that grows by megabytes
  expect(await sample('20,000 runs', 4, () => run(5000))).toBeLessThan(1);
  await session.dispose();
  stages.dispose();
});
