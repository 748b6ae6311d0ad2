import {
  abortable,
  createTensorPool,
  type DType,
  isCpuTensor,
  type LoadedModel,
  SegmentError,
  type Tensor,
  type TypedArray,
} from '@seg/core';
import type { Engine } from '@seg/core/adapter';
import { createGpuTensor, type GpuDevice, isGpuTensor } from '@seg/web/gpu';
import type { BackendLease } from './backend.ts';
import { openGraph } from './open-graph.ts';
import type { TfTensor } from './vendor.ts';

/**
 * Opens a model on a leased back end. The engine ends the lease; where this rejects, the lease stays the caller's.
 *
 * @throws SegmentError as `openGraph`
 */
export async function openEngine(lease: BackendLease, model: LoadedModel): Promise<Engine> {
  const { tf, accelerator, gpu } = lease;
  const { dtype } = model.variant.output;
  const graph = await openGraph(lease, model);
  const pool = createTensorPool();

  async function runInMemory(input: Tensor): Promise<Tensor> {
    const output = graph.execute(tf.tensor(dataOf(input), graph.shape, 'float32'));
    try {
      const data = await elementsOf(lease, output);
      const result = pool.take(dtype, output.shape);
      bytesOf(result.data).set(bytesOf(data));
      return result;
    } finally {
      output.dispose();
    }
  }

  async function runOn(device: GpuDevice, input: Tensor): Promise<Tensor> {
    const output = graph.execute(
      tf.tensor({ buffer: bufferOf(input, device), zeroCopy: true }, graph.shape, 'float32'),
    );
    const result = keepOnGpu(output, device, dtype);
    try {
      // the run's end, so that frames do not pile up in the queue, and the moment to hear of a lost device
      await abortable(device.queue.onSubmittedWorkDone(), lease.lost);
      return result;
    } catch (error) {
      result.dispose();
      throw error;
    }
  }

  return {
    accelerator,
    location: gpu === null ? 'cpu' : 'webgpu',
    run: (input) => (gpu === null ? runInMemory(input) : runOn(gpu.device, input)),
    release() {
      pool.clear();
      graph.dispose();
      lease.release();
    },
  };
}

/** A copy in a buffer that tfjs does not use for anything else before the tensor is disposed. Ends `output`. */
function keepOnGpu(output: TfTensor, device: GpuDevice, dtype: DType): Tensor {
  const { tensorRef, buffer } = output.dataToGPU();
  output.dispose();
  if (buffer === undefined) throw new SegmentError('runtime', 'tfjs gave no GPU buffer');
  return createGpuTensor({ device, buffer, dtype, shape: output.shape, release: () => tensorRef.dispose() });
}

/** Element type, count and place have been checked before. */
function dataOf(input: Tensor): Float32Array {
  if (isCpuTensor(input) && input.data instanceof Float32Array) return input.data;
  throw new SegmentError('invalid-input', 'tfjs-webgpu cannot run this tensor');
}

function bufferOf(input: Tensor, device: GpuDevice): GPUBuffer {
  if (isGpuTensor(input) && input.device === device && input.byteOffset === 0) return input.buffer;
  throw new SegmentError('invalid-input', 'tfjs-webgpu cannot run this tensor', {
    expected: "one at the beginning of a buffer on tfjs's own device",
  });
}

/** To be copied at once: on wasm they are a view of its memory, which saves an array for each output. */
function elementsOf({ tf, wasm }: BackendLease, output: TfTensor): Promise<TypedArray> | TypedArray {
  const backend = tf.backend();
  return wasm !== null && backend instanceof wasm.BackendWasm
    ? backend.typedArrayFromHeap(output)
    : output.data();
}

function bytesOf({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
