import { type LoadedModel, SegmentError } from '@seg/core';
import type { Engine } from '@seg/core/adapter';
import type { GpuBuffer, GpuLease, GpuTensor } from '@seg/web/gpu';
import { createNoise } from './engine.ts';
import type { Instance } from './instance.ts';
import { openModel } from './open-model.ts';
import { gpuBufferOf, shapeOf } from './vendor.ts';

/** Loaded when first needed: who computes by wasm has no use for it. */
export type Gpu = typeof import('@seg/web/gpu');

/**
 * Opens a file on a leased device, for tensors in its buffers, and runs it once on noise: what the device objects to would
 * else be a result of zeros. Takes the share of the instance over.
 *
 * @throws SegmentError `invalid-input`, `invalid-card`, `unsupported`, `runtime`, `device-lost`
 */
export async function openGpuEngine(
  instance: Instance,
  model: LoadedModel,
  lease: GpuLease,
  gpu: Gpu,
): Promise<Engine> {
  const { createGpuTensor, isGpuTensor } = gpu;
  const { wasm } = instance;
  const { device } = lease;
  const { dtype } = model.variant.output;
  const undo = [instance.release];
  const release = (): void => {
    for (const step of undo.splice(0).reverse()) step();
  };

  function open(): (buffer: GpuBuffer) => GpuTensor {
    const opened = openModel(instance, model, { accelerator: 'webgpu', threads: 1 });
    undo.push(() => instance.end(opened.release));
    if (!opened.isOnGpu) throw notOnGpu();
    return (buffer) => {
      const { input, giveBack } = opened.borrowInput(buffer);
      try {
        const output = opened.run(input);
        const giveUp = instance.hold(); // a result may outlive its session, but not the instance
        const release = (): void => {
          instance.end(() => output.delete());
          giveUp();
        };
        const made = { device, dtype, shape: shapeOf(output), buffer: gpuBufferOf(wasm, output), release };
        return createGpuTensor(made);
      } finally {
        giveBack();
      }
    };
  }

  function openAndTry(): (buffer: GpuBuffer) => GpuTensor {
    const noise = createNoise(model.variant);
    const buffer = device.createBuffer({ size: noise.byteLength, usage: STORAGE_AND_COPY_DST });
    try {
      const run = open();
      device.queue.writeBuffer(buffer, 0, noise);
      run(buffer).dispose();
      return run;
    } finally {
      buffer.destroy();
    }
  }

  try {
    const run = await watched(
      gpu,
      lease,
      () => instance.use(openAndTry),
      () => {},
    );
    return {
      accelerator: 'webgpu',
      location: 'webgpu',
      async run(tensor) {
        if (isGpuTensor(tensor) && tensor.device === device && tensor.byteOffset === 0) {
          return await watched(gpu, lease, () => instance.use(() => run(tensor.buffer)), discard);
        }
        throw new SegmentError('invalid-input', 'litert cannot run this tensor', {
          expected: "one at the beginning of a buffer on its stages' device",
        });
      },
      release,
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** Flags of WebGPU, section 5.1 (GPUBufferUsage). */
const STORAGE_AND_COPY_DST = 0x80 | 0x8;

function notOnGpu(): SegmentError {
  return new SegmentError('unsupported', 'LiteRT does not take all of this model to WebGPU', {
    expected: 'operators that it has there, and inputs and outputs of float32 or int32',
    hint: "Use accelerator: 'wasm'",
  });
}

const discard = (tensor: GpuTensor): void => tensor.dispose();

const FILTERS = ['validation', 'out-of-memory', 'internal'] as const;

/**
 * Calls `work`, which does at once all that it does on the device, and waits for what the device says to it: what it
 * objects to, and what it does after its end, would else be a result of zeros.
 *
 * @throws SegmentError `unsupported`, `device-lost`; what `work` throws
 */
async function watched<Result>(
  { whileAlive }: Gpu,
  { device }: GpuLease,
  work: () => Result,
  undo: (result: Result) => void,
): Promise<Result> {
  for (const filter of FILTERS) device.pushErrorScope(filter);
  let result: Result;
  let said: Promise<readonly (GPUError | null)[]>;
  try {
    result = work();
  } finally {
    said = Promise.all(FILTERS.map(() => device.popErrorScope()));
  }
  try {
    const error = (await whileAlive(device, said)).find((each) => each !== null);
    if (error === undefined || error === null) return result;
    throw new SegmentError('unsupported', `WebGPU refuses what LiteRT asks of it: ${error.message}`, {
      hint: "Use accelerator: 'wasm'",
    });
  } catch (error) {
    undo(result);
    throw error;
  }
}
