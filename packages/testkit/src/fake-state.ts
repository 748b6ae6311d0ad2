import {
  type CpuTensor,
  createCpuTensor,
  type LoadedModel,
  type ModelSource,
  type ModelVariant,
  SegmentError,
  type Tensor,
  type TypedArray,
  withDisposeSymbol,
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
  /** The format whose variants it takes; `onnx` unless told otherwise. */
  readonly format?: ModelVariant['format'];
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
  /** Where its tensors say that they live, `cpu` by default: elsewhere they have no `data`, and `read()` takes a while. */
  readonly location?: Tensor['location'];
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
  /** The tensors in memory behind those that say they live elsewhere. */
  readonly behind: WeakMap<Tensor, CpuTensor>;
}

/** Counts a call and fails it where the options say so. */
export function takeStep({ options, counts }: FakeState, step: FakeStep): void {
  const call = counts.steps[step]++;
  if (options.failOn?.(step, call))
    throw new SegmentError('runtime', `the fake fails ${step} as it was asked to`);
}

/** Gives `data` away as a tensor that is counted until it is disposed, and that lives where the options say. */
export function giveTensor(
  { counts, options, behind }: FakeState,
  dtype: Tensor['dtype'],
  shape: readonly number[],
  data: TypedArray,
  release?: () => void,
): Tensor {
  counts.live++;
  const tensor = createCpuTensor(dtype, shape, data, () => {
    counts.live--;
    release?.();
  });
  const { location = 'cpu' } = options;
  if (location === 'cpu') return tensor;
  const elsewhere: Tensor = {
    location,
    dtype,
    shape,
    async read(readOptions) {
      const copy = await tensor.read(readOptions);
      await new Promise((resolve) => setTimeout(resolve));
      return copy;
    },
    dispose: () => tensor.dispose(),
  };
  behind.set(elsewhere, tensor);
  return withDisposeSymbol(elsewhere, 'dispose');
}

/** The tensor in memory behind one that says it lives elsewhere; others as they are. */
export function inMemory({ behind }: FakeState, tensor: Tensor): Tensor {
  return behind.get(tensor) ?? tensor;
}
