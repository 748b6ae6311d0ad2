import { engine } from '@tensorflow/tfjs-core';
import { vendorAt } from '../../../../../tests/browser/shared.ts';
import { type TfjsWebgpuOptions, tfjsWebgpu } from '../../src/index.ts';

export const wasmPaths = vendorAt('tfjs-webgpu', '@tensorflow/tfjs-backend-wasm/dist');

/** As it is built: one file with everything inside. */
export const workerUrl = '/repo/packages/runtimes/tfjs-webgpu/dist/worker.js';

/** In this thread. */
export function inline(accelerator: 'webgpu' | 'wasm' | 'cpu', options: TfjsWebgpuOptions = {}) {
  return tfjsWebgpu({ accelerator, wasmPaths, mode: 'inline', ...options });
}

/** tfjs's tensors in this thread. (`memory()` would start a back end.) */
export function countTensors(): number {
  return engine().state.numTensors;
}

/** The webgpu back end's device in this thread. */
export function currentDevice(): GPUDevice {
  return Reflect.get(engine().backend, 'device');
}

let reads = 0;
const { mapAsync } = GPUBuffer.prototype;
GPUBuffer.prototype.mapAsync = function (mode, ...range) {
  if (mode & GPUMapMode.READ) reads++;
  return mapAsync.call(this, mode, ...range);
};

/** Buffers that anybody in this thread has mapped for reading, so far. */
export function countReadbacks(): number {
  return reads;
}

/** The model that keeps a run busy takes seconds on a software GPU: the others are enough there. */
export const onSoftwareGpu = { slow: 'seconds a run on a software GPU' } as const;

const workers = new Set<Worker>();
globalThis.Worker = class extends Worker {
  constructor(...given: ConstructorParameters<typeof Worker>) {
    super(...given);
    workers.add(this);
  }
};

/** Ends all workers that were started in this thread, as a browser that is short of memory does. */
export function killWorkers(): void {
  for (const worker of workers) worker.terminate();
  workers.clear();
}
