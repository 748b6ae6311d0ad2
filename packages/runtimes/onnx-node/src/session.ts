import { MessageChannel, type MessagePort } from 'node:worker_threads';
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
import { inputShape } from '@seg/core/adapter';
import type { Engine } from './engine.ts';
import type { FeedData } from './vendor.ts';

/** Gives an engine the contract's manners: checked input, owned results, a disposal that waits. Owns the engine. */
export function createSession(engine: Engine, variant: ModelVariant): Session {
  const count = elementCount(inputShape(variant));
  const running = new Set<Promise<unknown>>();
  const nowhere = createClosedPort();
  let closing: Promise<void> | null = null;
  const session: Session = {
    accelerator: engine.accelerator,
    async run(input, options) {
      if (closing !== null) throw new SegmentError('disposed', 'this session was disposed');
      const call = engine.run(dataOf(input, variant.input.dtype, count), options);
      running.add(call);
      try {
        const { shape, data } = await call;
        return createCpuTensor(variant.output.dtype, shape, data, () => freeNow(data.buffer, nowhere));
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

/**
 * Gives an array's memory back at once. The vendor makes a new one for every output, and until the garbage collector
 * came, tens of megabytes of them would pile up. Sent through a closed port, an array is taken away and arrives nowhere;
 * `ArrayBuffer.transfer` would say it better, but Node 20 has none.
 */
function freeNow(buffer: ArrayBufferLike, nowhere: MessagePort): void {
  if (buffer instanceof ArrayBuffer) nowhere.postMessage(null, [buffer]);
}

function createClosedPort(): MessagePort {
  const { port1 } = new MessageChannel();
  port1.close();
  return port1;
}
