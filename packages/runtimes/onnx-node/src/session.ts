import {
  createCpuTensor,
  elementCount,
  isCpuTensor,
  type ModelVariant,
  SegmentError,
  type Session,
  type Tensor,
  withDisposeSymbol,
} from '@seg/core';
import { inputShape } from './check-recipe.ts';
import type { Engine } from './engine.ts';
import type { FeedData } from './vendor.ts';

/** Gives an engine the contract's manners: checked input, owned results, a disposal that waits. Owns the engine. */
export function createSession(engine: Engine, variant: ModelVariant): Session {
  const count = elementCount(inputShape(variant));
  const running = new Set<Promise<unknown>>();
  let closing: Promise<void> | null = null;
  const session: Session = {
    accelerator: engine.accelerator,
    async run(input, options) {
      if (closing !== null) throw new SegmentError('disposed', 'this session was disposed');
      const call = engine.run(dataOf(input, variant.input.dtype, count), options);
      running.add(call);
      try {
        const { shape, data } = await call;
        return createCpuTensor(variant.output.dtype, shape, data);
      } finally {
        running.delete(call);
      }
    },
    dispose() {
      closing ??= Promise.allSettled(running).then(() => engine.release());
      return closing;
    },
  };
  return withDisposeSymbol(session, 'asyncDispose');
}

function dataOf(input: Tensor, dtype: string, count: number): FeedData {
  if (isCpuTensor(input) && input.dtype === dtype && input.data.length === count) {
    if (!(input.data instanceof BigInt64Array)) return input.data;
  }
  throw new SegmentError('invalid-input', 'onnx-node cannot run this tensor', {
    expected: `${count} elements of ${dtype} in memory`,
    received: `${input.dtype} [${input.shape}], location ${input.location}`,
  });
}
