import {
  createCpuTensor,
  elementCount,
  isCpuTensor,
  type LoadedModel,
  type ModelVariant,
  SegmentError,
  type Session,
  type Tensor,
  withDisposeSymbol,
} from '@seg/core';
import { checkRecipe, inputShape, outputShape } from './check-recipe.ts';
import { createOnnxSession, type FeedData, firstLine, type Settings, type Vendor } from './vendor.ts';

/**
 * Opens a file and gives it the contract's manners: checked input, owned results, a disposal that waits.
 *
 * @throws SegmentError `invalid-input`, `invalid-card`, `unsupported`, `fetch`, `runtime`
 */
export async function openSession(vendor: Vendor, model: LoadedModel, settings: Settings): Promise<Session> {
  const { input, output } = model.variant;
  const [bytes = new Uint8Array()] = model.parts;
  const opened = await createOnnxSession(vendor, bytes, withExternalData(model, settings));
  try {
    const feed = { name: input.name, dtype: input.dtype, shape: checkRecipe(opened, model.variant) };
    const counts = {
      input: elementCount(inputShape(model.variant)),
      output: elementCount(outputShape(model.variant)),
    };
    const running = new Set<Promise<unknown>>();
    let closing: Promise<void> | null = null;
    const session: Session = {
      accelerator: 'wasm',
      async run(tensor, { signal } = {}) {
        if (closing !== null) throw new SegmentError('disposed', 'this session was disposed');
        signal?.throwIfAborted();
        const call = opened.run(
          { ...feed, data: dataOf(tensor, input.dtype, counts.input) },
          output.name,
          signal,
        );
        running.add(call);
        try {
          const { shape, data } = await call.catch(explainRunning(signal));
          signal?.throwIfAborted();
          checkCount(shape, data.length, counts.output);
          return createCpuTensor(output.dtype, shape, data, () => freeNow(data.buffer));
        } finally {
          running.delete(call);
        }
      },
      dispose() {
        closing ??= Promise.allSettled(running).then(() => opened.release());
        return closing;
      },
    };
    return withDisposeSymbol(session, 'asyncDispose');
  } catch (error) {
    await opened.release();
    throw error;
  }
}

/** Weights beside the file: its other parts, by their paths from the file's folder. */
function withExternalData({ variant, parts }: LoadedModel, settings: Settings): Settings {
  if (parts.length < 2) return settings;
  const folder = variant.parts[0]?.path.replace(/[^/]*$/, '') ?? '';
  const data = parts.map((bytes, i) => ({
    path: variant.parts[i]?.path.slice(folder.length) ?? '',
    data: bytes,
  }));
  return { ...settings, session: { externalData: data.slice(1), ...settings.session } };
}

function dataOf(input: Tensor, dtype: ModelVariant['input']['dtype'], count: number): FeedData {
  if (isCpuTensor(input) && input.dtype === dtype && input.data.length === count) {
    if (!(input.data instanceof BigInt64Array)) return input.data;
  }
  throw new SegmentError('invalid-input', 'onnx-web cannot run this tensor', {
    expected: `${count} elements of ${dtype} in memory`,
    received: `${input.dtype} [${input.shape}], location ${input.location}`,
  });
}

function explainRunning(signal: AbortSignal | undefined): (cause: unknown) => never {
  return (cause) => {
    signal?.throwIfAborted();
    throw new SegmentError('runtime', `ONNX Runtime failed to run this model: ${firstLine(cause)}`, {
      cause,
    });
  };
}

function checkCount(shape: readonly number[], found: number, count: number): void {
  if (found === count) return;
  throw new SegmentError('invalid-card', 'the output has another size than the card says', {
    expected: `${found} elements, as the file gives [${shape}]`,
    received: `${count}`,
  });
}

/**
 * Gives an array's memory back at once, where the engine can. The vendor makes a new one for every output, and until the
 * garbage collector came, tens of megabytes of them would pile up.
 */
function freeNow(buffer: ArrayBufferLike): void {
  if ('transfer' in buffer && typeof buffer.transfer === 'function') buffer.transfer(0);
}
