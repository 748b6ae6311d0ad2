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
  { createGpuTensor, isGpuTensor, whileAlive }: Gpu,
): Promise<Engine> {
  const { input, output } = model.variant;
  const [bytes = new Uint8Array()] = model.parts;
  const { device } = lease;
  const opened = await createOnnxSession(vendor, bytes, withExternalData(model, settings), {
    device,
    whileAlive: (work) => whileAlive(device, work), // a vendor whose device is gone may never answer
  });
  // with the device everything has gone that there was to let go
  const loans = createLoans(() => opened.release().catch((error) => requireLoss(error)));
  try {
    const shape = requireRecipe(opened, model.variant, 'onnx-web');
    return {
      accelerator: 'webgpu',
      location: 'webgpu',
      async run(tensor, signal) {
        if (!isGpuTensor(tensor) || tensor.device !== device || tensor.byteOffset !== 0) {
          throw new SegmentError('invalid-input', 'onnx-web cannot run this tensor', {
            expected: "one that begins with its buffer, on this session's device",
          });
        }
        await whileAlive(device, roundTrip(lease));
        const feed = { name: input.name, dtype: input.dtype, shape, data: { buffer: tensor.buffer } };
        const made = await opened.run(feed, output.name, signal).catch(explainRunning(signal));
        if ('data' in made) throw new SegmentError('runtime', 'onnxruntime-web computed on the CPU');
        const release = loans.lend(() => made.dispose());
        return createGpuTensor({
          device,
          buffer: made.buffer,
          dtype: output.dtype,
          shape: made.shape,
          release,
        });
      },
      release: () => loans.end(),
    };
  } catch (error) {
    await loans.end();
    throw error;
  }
}

function requireLoss(error: unknown): void {
  if (!isSegmentError(error) || error.code !== 'device-lost') throw error;
}

/** The vendor's output buffers go with its session, and a result outlives ours: the last one back ends it. */
function createLoans(onEnd: () => Promise<void>): {
  lend(giveBack: () => void): () => void;
  end(): Promise<void>;
} {
  let out = 0;
  let ended = false;
  return {
    lend(giveBack) {
      out++;
      return () => {
        out--;
        giveBack();
        if (ended && out === 0) void onEnd().catch(() => {}); // nobody is left to be told
      };
    },
    async end() {
      ended = true;
      if (out === 0) await onEnd();
    },
  };
}

/**
 * The vendor (1.30) never comes back from a run on a device that has gone, and blocks its thread. A round trip to the
 * device shows whether it is still there. @throws SegmentError `device-lost`
 */
async function roundTrip({ device, lost }: GpuLease): Promise<void> {
  device.pushErrorScope('internal');
  await device.popErrorScope().catch(async () => {
    throw await lost;
  });
}
