import {
  createCpuTensor,
  isCpuTensor,
  isSegmentError,
  type LoadedModel,
  SegmentError,
  type Tensor,
} from '@seg/core';
import { type Engine, requireRecipe } from '@seg/core/adapter';
import { firstLine } from './explain.ts';
import { createOnnxSession, type FeedData, type Settings, type Vendor } from './vendor.ts';

/**
 * Opens a file for tensors in memory.
 *
 * @throws SegmentError `invalid-input`, `invalid-card`, `unsupported`, `fetch`, `runtime`
 */
export async function openEngine(vendor: Vendor, model: LoadedModel, settings: Settings): Promise<Engine> {
  const { input, output } = model.variant;
  const [bytes = new Uint8Array()] = model.parts;
  const opened = await createOnnxSession(vendor, bytes, withExternalData(model, settings));
  try {
    const shape = requireRecipe(opened, model.variant, 'onnx-web');
    const feed = { name: input.name, dtype: input.dtype, shape };
    return {
      accelerator: 'wasm',
      async run(tensor, signal) {
        const call = opened.run({ ...feed, data: dataOf(tensor) }, output.name, signal);
        const made = await call.catch(explainRunning(signal));
        if (!('data' in made))
          throw new SegmentError('runtime', 'onnxruntime-web left its output on the GPU');
        const { shape: found, data } = made;
        return createCpuTensor(output.dtype, found, data, () => freeNow(data.buffer));
      },
      release: () => opened.release(),
    };
  } catch (error) {
    await opened.release();
    throw error;
  }
}

/** Weights beside the file: its other parts, by their paths from the file's folder. */
export function withExternalData({ variant, parts }: LoadedModel, settings: Settings): Settings {
  if (parts.length < 2) return settings;
  const folder = variant.parts[0]?.path.replace(/[^/]*$/, '') ?? '';
  const data = parts.map((bytes, i) => ({
    path: variant.parts[i]?.path.slice(folder.length) ?? '',
    data: bytes,
  }));
  return { ...settings, session: { externalData: data.slice(1), ...settings.session } };
}

/** Element type and place have been checked before. */
function dataOf(input: Tensor): FeedData {
  if (isCpuTensor(input) && !(input.data instanceof BigInt64Array)) return input.data;
  throw new SegmentError('invalid-input', 'onnx-web cannot run this tensor');
}

export function explainRunning(signal: AbortSignal | undefined): (cause: unknown) => never {
  return (cause) => {
    signal?.throwIfAborted();
    if (isSegmentError(cause)) throw cause;
    throw new SegmentError('runtime', `ONNX Runtime failed to run this model: ${firstLine(cause)}`, {
      cause,
    });
  };
}

/**
 * Gives an array's memory back at once, where the engine can. The vendor makes a new one for every output, and until the
 * garbage collector came, tens of megabytes of them would pile up.
 */
function freeNow(buffer: ArrayBufferLike): void {
  if ('transfer' in buffer && typeof buffer.transfer === 'function') buffer.transfer(0);
}
