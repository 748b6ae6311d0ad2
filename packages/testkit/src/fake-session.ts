import {
  type AbortOptions,
  isCpuTensor,
  type LoadedModel,
  SegmentError,
  type Session,
  type Tensor,
  type TypedArray,
  withDisposeSymbol,
} from '@seg/core';
import { waitFor } from './fake-device.ts';
import { runFakeNetwork } from './fake-network.ts';
import { type FakeFault, type FakeState, giveTensor, inMemory, takeStep } from './fake-state.ts';

/** A session of the fake: keeps the rules, but for the fault in its options. */
export function createFakeSession(state: FakeState, model: LoadedModel): Session {
  const { counts, options } = state;
  const { fault, device, delayMs = 0 } = options;
  const running = new Set<Promise<unknown>>();
  let closing: Promise<void> | null = null;
  let before: TypedArray | null = null;
  counts.opened++;
  counts.live++;

  const compute = async (input: Tensor, { signal }: AbortOptions): Promise<Tensor> => {
    if (fault === 'reads-back') counts.readbacks++;
    const subject = fault === 'shares-state' && state.last !== null ? state.last : model;
    const data = spoil(fault, before, runFakeNetwork(subject, dataOf(inMemory(state, input))));
    before = fault === 'answers-late' ? runFakeNetwork(subject, dataOf(inMemory(state, input))) : data;
    if (fault === 'disposes-input') input.dispose();
    await waitFor(
      delayMs,
      fault === 'ignores-abort' ? undefined : signal,
      fault === 'outlives-device' ? undefined : device,
    );
    return giveTensor(state, model.variant.output.dtype, [data.length], data);
  };

  const session: Session = {
    accelerator: device === undefined ? 'cpu' : 'fake-device',
    async run(input, runOptions = {}) {
      if (closing !== null && fault !== 'runs-after-dispose')
        throw new SegmentError('disposed', 'this session was disposed');
      if (fault !== 'ignores-abort') runOptions.signal?.throwIfAborted();
      takeStep(state, 'run');
      const work = compute(input, runOptions);
      running.add(work);
      return work.finally(() => running.delete(work));
    },
    dispose() {
      closing ??= Promise.allSettled(fault === 'forgets-flight' ? [] : running).then(() => {
        counts.disposed++;
        if (fault !== 'leaks') counts.live--;
        if (fault === 'destroys-device') device?.destroy();
      });
      return closing;
    },
  };
  return withDisposeSymbol(session, 'asyncDispose');
}

function dataOf(input: Tensor): TypedArray {
  if (isCpuTensor(input)) return input.data;
  throw new SegmentError('invalid-input', `the fake takes tensors in memory, not on ${input.location}`);
}

/** The faults that are in the numbers. `before` is what the run before gave. */
function spoil(fault: FakeFault | undefined, before: TypedArray | null, data: TypedArray): TypedArray {
  if (fault === 'answers-late') return before ?? data;
  if (fault === 'wrong-answer') return data.reverse();
  if (fault !== 'reuses-output' || before === null) return data;
  for (let i = 0; i < data.length; i++) Reflect.set(before, i, data[i]);
  return before;
}
