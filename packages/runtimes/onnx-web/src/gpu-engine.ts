import { isSegmentError, type LoadedModel, SegmentError } from '@seg/core';
import { type Engine, requireRecipe } from '@seg/core/adapter';
import type { GpuLease } from '@seg/web/gpu';
import { explainRunning, withExternalData } from './engine.ts';
import { createOnnxSession, type Settings, type Vendor } from './vendor.ts';

/** Loaded when first needed: who computes by wasm has no use for it. */
export type Gpu = typeof import('@seg/web/gpu');

/**
 * Opens a file on our own device, for tensors in its buffers.
 *
 * @throws SegmentError `invalid-input`, `invalid-card`, `unsupported`, `fetch`, `runtime`
 */
export async function openGpuEngine(
  vendor: Vendor,
  model: LoadedModel,
  settings: Settings,
  lease: GpuLease,
  { createGpuTensor, isGpuTensor }: Gpu,
): Promise<Engine> {
  const { input, output } = model.variant;
  const [bytes = new Uint8Array()] = model.parts;
  const opened = await createOnnxSession(vendor, bytes, withExternalData(model, settings), lease);
  const loans = createLoans(() => void opened.release().catch(() => {}));
  try {
    const shape = requireRecipe(opened, model.variant, 'onnx-web');
    return {
      accelerator: 'webgpu',
      location: 'webgpu',
      async run(tensor, signal) {
        if (!isGpuTensor(tensor)) throw new SegmentError('invalid-input', 'onnx-web cannot run this tensor');
        await requireAlive(lease);
        const feed = { name: input.name, dtype: input.dtype, shape, data: { buffer: tensor.buffer } };
        const made = await opened.run(feed, output.name, signal).catch(explainRunning(signal));
        if ('data' in made) throw new SegmentError('runtime', 'onnxruntime-web computed on the CPU');
        const release = loans.lend(() => made.dispose());
        return createGpuTensor({
          device: lease.device,
          buffer: made.buffer,
          dtype: output.dtype,
          shape: made.shape,
          release,
        });
      },
      release: () => loans.end(),
    };
  } catch (error) {
    loans.end();
    throw error;
  }
}

/** The vendor's output buffers go with its session, and a result outlives ours: the last one back ends it. */
function createLoans(onEnd: () => void): { lend(giveBack: () => void): () => void; end(): void } {
  let out = 0;
  let ended = false;
  const look = (): void => {
    if (ended && out === 0) onEnd();
  };
  return {
    lend(giveBack) {
      out++;
      return () => {
        out--;
        giveBack();
        look();
      };
    },
    end() {
      ended = true;
      look();
    },
  };
}

/**
 * The vendor (1.30) never comes back from a run on a device that has gone, and blocks its thread. A round trip to the
 * device shows whether it is still there. @throws SegmentError `device-lost`
 */
async function requireAlive({ device, lost }: GpuLease): Promise<void> {
  device.pushErrorScope('internal');
  const answer = device.popErrorScope().catch(() => lost);
  const error = await Promise.race([lost, answer]);
  if (isSegmentError(error)) throw error;
}
