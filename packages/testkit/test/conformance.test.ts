import { describe, expect, it } from 'vitest';
import {
  type ConformanceSubject,
  conformanceGroups,
  createFakeDevice,
  createFakeRuntime,
  type FakeDevice,
  type FakeFault,
  type FakeRuntime,
  type FakeRuntimeOptions,
  type Rule,
  runConformance,
} from '../src/index.ts';

type Kind = Pick<FakeRuntimeOptions, 'format' | 'location'>;

/** The fake with every means there is, so that no case of the suite is skipped but the worker's. */
function fake(fault?: FakeFault, kind: Kind = {}): ConformanceSubject {
  const made: { runtime: FakeRuntime; device: FakeDevice }[] = [];
  const make = (unavailable?: string) => {
    const device = createFakeDevice();
    const runtime = createFakeRuntime({
      device,
      delayMs: 5,
      ...kind,
      ...(fault !== undefined && { fault }),
      ...(unavailable !== undefined && { unavailable }),
    });
    made.push({ runtime, device });
    return { runtime, device };
  };
  const { format = 'onnx', location = 'cpu' } = kind;
  return {
    name: `the fake that ${fault ?? 'keeps the rules'}, ${format}, ${location}`,
    runtime: () => make().runtime,
    means: {
      unavailable: () => make('there is no fake accelerator').runtime,
      onDevice() {
        const { runtime, device } = make();
        return { runtime, isDestroyed: () => device.isDestroyed };
      },
      countLive: () => made.reduce((sum, { runtime }) => sum + runtime.counts.live, 0),
      countReadbacks: () => made.reduce((sum, { runtime }) => sum + runtime.counts.readbacks, 0),
      loseDevice() {
        for (const { device } of made) device.lose();
      },
    },
  };
}

/** Titles of the cases of a rule that fail, and why. */
async function failures(subject: ConformanceSubject, rule: Rule): Promise<string[]> {
  const group = conformanceGroups(subject).find((each) => each.rule === rule);
  const failed: string[] = [];
  for (const { title, run, skipped } of group?.cases ?? []) {
    if (skipped !== undefined) continue;
    await run().catch((error: unknown) =>
      failed.push(`${title}: ${error instanceof Error ? error.message : error}`),
    );
  }
  return failed;
}

runConformance(fake(), { describe, it });
runConformance(fake(undefined, { format: 'tflite', location: 'worker' }), { describe, it });
runConformance(fake(undefined, { format: 'tfjs', location: 'webgpu' }), { describe, it });

describe('the suite notices who breaks a rule', () => {
  const faults: [Rule, FakeFault][] = [
    [1, 'disposes-input'],
    [1, 'reuses-output'],
    [1, 'leaks'],
    [2, 'destroys-device'],
    [3, 'answers-late'],
    [4, 'ignores-abort'],
    [5, 'runs-after-dispose'],
    [5, 'forgets-flight'],
    [6, 'reads-back'],
    [7, 'opens-anything'],
    [7, 'falls-back'],
    [8, 'spoils-image'],
    [9, 'outlives-device'],
    [10, 'wrong-answer'],
    [11, 'guesses-order'],
    [12, 'bends-scores'],
    [13, 'shares-state'],
  ];
  it.each(faults)('rule %i: %s', async (rule, fault) => {
    expect(await failures(fake(fault), rule)).not.toEqual([]);
  });

  it.each(['tflite', 'tfjs'] as const)('in the format %s too', async (format) => {
    for (const [rule, fault] of [
      [10, 'wrong-answer'],
      [11, 'guesses-order'],
      [13, 'shares-state'],
    ] as const)
      expect(await failures(fake(fault, { format }), rule)).not.toEqual([]);
  });

  it('has a group for each of the 13 rules, in order, and a fault for each', () => {
    expect(conformanceGroups(fake()).map(({ rule }) => rule)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
    ]);
    expect(new Set(faults.map(([rule]) => rule)).size).toBe(13);
  });
});

describe('what cannot be judged is skipped with a reason', () => {
  const bare: ConformanceSubject = { name: 'bare', runtime: () => createFakeRuntime() };

  it('cases whose means are absent', () => {
    const skipped = conformanceGroups(bare).flatMap(({ rule, cases }) =>
      cases.filter((each) => each.skipped !== undefined).map(() => rule),
    );
    expect(skipped).toEqual([1, 2, 4, 6, 7, 9, 9]);
  });

  it('models and rules that the subject names', () => {
    const subject = {
      ...bare,
      skipModels: { int8: 'no int8 kernels' },
      skipRules: { 13: 'one back end per page' },
    } as const;
    const reasons = conformanceGroups(subject).flatMap(({ cases }) => cases.map(({ skipped }) => skipped));
    expect(reasons).toContain('no int8 kernels');
    expect(reasons).toContain('one back end per page');
  });

  it('models without a variant in the format of the runtime', () => {
    const reasonsOf = (subject: ConformanceSubject) =>
      conformanceGroups(subject)
        .flatMap(({ cases }) => cases)
        .filter(({ skipped }) => skipped?.startsWith('no '))
        .map(({ title, skipped }) => `${title}: ${skipped}`);
    const tflite = { name: 'tflite', runtime: () => createFakeRuntime({ format: 'tflite' }) } as const;
    expect(reasonsOf(bare)).toEqual([]);
    expect(reasonsOf(tflite)).toEqual(['tiny-external: no tflite variant']);
    const tfjs = { name: 'tfjs', runtime: () => createFakeRuntime({ format: 'tfjs' }) } as const;
    expect(reasonsOf(tfjs)).toEqual([
      'tiny-uint8: no tfjs variant',
      'tiny-int8: no tfjs variant',
      'tiny-uint8: as the reference, and between 0 and 1: no tfjs variant',
    ]);
    const refused = { ...tflite, skipModels: { external: 'no such files here' } };
    expect(reasonsOf(refused)).toEqual(['tiny-external: no such files here']);
  });

  it('and said to the runner', async () => {
    const said: unknown[] = [];
    const bodies: Promise<void>[] = [];
    runConformance(
      { ...bare, skipRules: { 2: 'no device here' } },
      {
        describe: (_, body) => body(),
        it(title, body) {
          if (title.includes('no device here')) bodies.push(body({ skip: (note) => said.push(note) }));
        },
      },
    );
    await Promise.all(bodies);
    expect(said).toEqual(['no device here']);
  });
});
