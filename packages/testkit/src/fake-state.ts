import {
  createCpuTensor,
  type LoadedModel,
  type ModelSource,
  SegmentError,
  type Tensor,
  type TypedArray,
} from '@seg/core';
import type { FakeDevice } from './fake-device.ts';

/** Rules that the fake breaks on purpose, to show that the conformance suite notices. */
export type FakeFault =
  | 'disposes-input'
  | 'reuses-output'
  | 'leaks'
  | 'destroys-device'
  | 'answers-late'
  | 'ignores-abort'
  | 'runs-after-dispose'
  | 'forgets-flight'
  | 'reads-back'
  | 'opens-anything'
  | 'falls-back'
  | 'spoils-image'
  | 'outlives-device'
  | 'wrong-answer'
  | 'guesses-order'
  | 'bends-scores'
  | 'shares-state';

export type FakeStep = 'open' | 'prepare' | 'run' | 'decode';

export interface FakeRuntimeOptions {
  /** `fake` unless told otherwise. */
  readonly name?: string;
  /** How long each run takes; 0 by default. */
  readonly delayMs?: number;
  /** Where to fail with `runtime`: `call` counts the calls of that step from 0. */
  readonly failOn?: (step: FakeStep, call: number) => boolean;
  /** Why it cannot work here: `probe` says so and `open` throws `unsupported`. */
  readonly unavailable?: string;
  /** Where models come from; the tiny models' own files unless told otherwise. */
  readonly source?: ModelSource;
  /** A device that is lent to it. */
  readonly device?: FakeDevice;
  readonly fault?: FakeFault;
}

/** What the fake has counted since it was made. */
export interface FakeCounts {
  /** Sessions opened and disposed. */
  opened: number;
  disposed: number;
  /** Calls of each step. */
  steps: Record<FakeStep, number>;
  /** Sessions, stages and tensors that are alive. */
  live: number;
  /** Copies off the device that nobody asked for. */
  readbacks: number;
}

/** What the fake's session and stages share. */
export interface FakeState {
  readonly options: FakeRuntimeOptions;
  readonly counts: FakeCounts;
  /** The model opened last: what a runtime with module state would use for all. */
  last: LoadedModel | null;
}

/** Counts a call and fails it where the options say so. */
export function takeStep({ options, counts }: FakeState, step: FakeStep): void {
  const call = counts.steps[step]++;
  if (options.failOn?.(step, call))
    throw new SegmentError('runtime', `the fake fails ${step} as it was asked to`);
}

/** Gives `data` away as a tensor that is counted until it is disposed. */
export function giveTensor(
  { counts }: FakeState,
  dtype: Tensor['dtype'],
  shape: readonly number[],
  data: TypedArray,
  release?: () => void,
): Tensor {
  counts.live++;
  return createCpuTensor(dtype, shape, data, () => {
    counts.live--;
    release?.();
  });
}
