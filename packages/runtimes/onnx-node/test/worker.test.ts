import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { createSegmenter } from '@seg/core';
import { largestDifference, seededImage, tinyCards, tinySource } from '@seg/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { onnxNode } from '../src/index.ts';
import { openTiny, someInput } from './helpers.ts';

const allocations = vi.hoisted(() => ({ count: 0 }));
vi.mock(import('@seg/core'), async (original) => {
  const core = await original();
  const createTypedArray: typeof core.createTypedArray = (dtype, length) => {
    allocations.count++;
    return core.createTypedArray(dtype, length);
  };
  return { ...core, createTypedArray };
});

const workers: Worker[] = [];
const remember = (worker: Worker) => void workers.push(worker);
beforeAll(() => void process.on('worker', remember));
afterAll(() => void process.off('worker', remember));

/** How often a timer of 10 ms ticks while the slow model runs once. */
async function ticksWhileRunning(mode: 'worker' | 'inline'): Promise<number> {
  const { session } = await openTiny('slow', { mode });
  const input = someInput();
  let ticks = 0;
  const timer = setInterval(() => ticks++, 10);
  (await session.run(input)).dispose();
  clearInterval(timer);
  await session.dispose();
  return ticks;
}

describe('the event loop', () => {
  it('stays free while a worker runs', async () => {
    expect(await ticksWhileRunning('worker')).toBeGreaterThan(8);
  });

  it('is blocked by an inline run, which is what the other test would see', async () => {
    expect(await ticksWhileRunning('inline')).toBeLessThan(4);
  });
});

describe('a worker', () => {
  it('is sent the input in memory that comes back: one array for all runs', async () => {
    const { session } = await openTiny('rgb');
    const input = someInput();
    allocations.count = 0;
    for (let i = 0; i < 5; i++) (await session.run(input)).dispose();
    expect(allocations.count).toBe(1);
    await session.dispose();
  });

  it('that crashes rejects the pending calls within a second, and the next call works', async () => {
    const { session } = await openTiny('rgb');
    const input = someInput();
    const before = await session.run(input);
    workers.at(-1)?.postMessage(null); // no message of ours: it throws
    const start = performance.now();
    const calls = await Promise.allSettled([session.run(input), session.run(input)]);
    expect(performance.now() - start).toBeLessThan(1000);
    for (const call of calls) {
      expect(call).toMatchObject({
        status: 'rejected',
        reason: { code: 'runtime', cause: expect.any(Error) },
      });
    }
    const after = await session.run(input);
    expect(await after.read()).toEqual(await before.read());
    await session.dispose();
  });

  it('that ends itself between two calls is not missed', async () => {
    const { session } = await openTiny('rgb');
    await workers.at(-1)?.terminate();
    (await session.run(someInput())).dispose();
    await session.dispose();
  });

  it('rejects an aborted run at once and goes on in order, its memory apart from the input', async () => {
    const { session } = await openTiny('slow');
    const input = someInput();
    const expected = await (await session.run(input)).read();
    const abort = new AbortController();
    const aborted = session.run(input, { signal: abort.signal });
    const next = session.run(input);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const start = performance.now();
    abort.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    expect(performance.now() - start).toBeLessThan(50);
    Reflect.get(input, 'data').fill(9); // both runs have their copies
    expect(await (await next).read()).toEqual(expected);
    await session.dispose();
  });

  it('two of them work at the same time', async () => {
    const runtime = onnxNode({ threads: 1, source: tinySource });
    const segmenters = [
      await createSegmenter({ model: tinyCards.rgb, runtime }),
      await createSegmenter({ model: tinyCards.nhwc, runtime }),
    ];
    const results = await Promise.all(segmenters.map((each) => each.segment(seededImage(30, 30, 1))));
    const [rgb, nhwc] = await Promise.all(results.map(({ raw }) => raw.read()));
    const planes = Float32Array.from({ length: 256 }, (_, i) =>
      Number(nhwc?.[(i % 64) * 4 + Math.floor(i / 64)]),
    );
    expect(largestDifference(planes, rgb ?? planes)).toBeLessThan(1e-5);
    await Promise.all(segmenters.map((each) => each.dispose()));
  });

  it('ends with its session', async () => {
    const { session } = await openTiny('rgb');
    const ended = new Promise((resolve) => workers.at(-1)?.once('exit', resolve));
    await session.dispose();
    await ended;
  });
});

describe('a process', () => {
  const script = fileURLToPath(new URL('leave.ts', import.meta.url));
  const leave = (how: string) =>
    promisify(execFile)(process.execPath, [script, how], { timeout: 20_000 }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );

  it('ends by itself beside an idle worker that was never disposed', async () => {
    expect(await leave('idle')).toMatchObject({ code: 0, stdout: 'idle\n' });
  });

  it('is kept alive by a worker that works', async () => {
    expect(await leave('working')).toMatchObject({ code: 0, stdout: 'done\n' });
  });

  it.each([0, 30, 200])(
    'that exits %i ms into a run gives its own exit code, not an abort',
    async (delayMs) => {
      expect(await leave(`exit ${delayMs}`)).toMatchObject({ code: 7, stderr: '' });
    },
  );
});
