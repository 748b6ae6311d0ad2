// Every runtime of a page, each in its own one-file worker, on one thread.
import type { ModelSource, Runtime } from '../../packages/core/dist/index.js';
import { litert } from '../../packages/runtimes/litert/dist/index.js';
import { onnxWeb } from '../../packages/runtimes/onnx-web/dist/index.js';
import { tfjsWebgpu } from '../../packages/runtimes/tfjs-webgpu/dist/index.js';
import { tfliteWasm } from '../../packages/runtimes/tflite-wasm/dist/index.js';
import { type BrowserImage, createModelCache } from '../../packages/web/dist/index.js';
import { vendorAt } from './shared.ts';

const source: ModelSource = createModelCache({
  name: 'shared',
  mirror: new URL('/shared/models/', location.href).href,
});
const of = (name: string) => ({
  source,
  threads: 1,
  workerUrl: `/repo/packages/runtimes/${name}/dist/worker.js`,
});
const onnx = { ...of('onnx-web'), wasmPaths: vendorAt('onnx-web', 'onnxruntime-web/dist') };
const lite = { ...of('litert'), wasmPaths: vendorAt('litert', '@litertjs/core/wasm') };
const tfjs = {
  ...of('tfjs-webgpu'),
  wasmPaths: vendorAt('tfjs-webgpu', '@tensorflow/tfjs-backend-wasm/dist'),
};
const tflite = { ...of('tflite-wasm'), wasmPaths: '/repo/packages/runtimes/tflite-wasm/vendor/' };

export const RUNTIMES: Readonly<Record<string, () => Runtime<BrowserImage>>> = {
  'onnx-web, wasm': () => onnxWeb(onnx),
  'onnx-web, WebGPU': () => onnxWeb({ ...onnx, accelerator: 'webgpu' }),
  'tflite-wasm': () => tfliteWasm(tflite),
  'litert, wasm': () => litert(lite),
  'litert, WebGPU': () => litert({ ...lite, accelerator: 'webgpu' }),
  'tfjs, wasm': () => tfjsWebgpu({ ...tfjs, accelerator: 'wasm' }),
  'tfjs, plain JavaScript': () => tfjsWebgpu({ ...tfjs, accelerator: 'cpu' }),
  'tfjs, WebGPU': () => tfjsWebgpu({ ...tfjs, accelerator: 'webgpu' }),
};
