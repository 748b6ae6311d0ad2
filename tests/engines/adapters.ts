// The wasm runtimes that every browser engine is tried with. In the page, so nothing of Node here.
import { litert } from '../../packages/runtimes/litert/dist/index.js';
import { onnxWeb } from '../../packages/runtimes/onnx-web/dist/index.js';
import { tfjsWebgpu } from '../../packages/runtimes/tfjs-webgpu/dist/index.js';
import { tfliteWasm } from '../../packages/runtimes/tflite-wasm/dist/index.js';
import type { ConformanceSubject } from '../../packages/testkit/dist/index.js';
import { vendorAt } from '../browser/shared.ts';

const runtimes = '/repo/packages/runtimes';

/** Each runtime on one thread, in the page itself and in its own worker. */
export const adapters: readonly ConformanceSubject[] = (['inline', 'worker'] as const).flatMap((mode) => {
  const common = (name: string) => ({ mode, threads: 1, workerUrl: `${runtimes}/${name}/dist/worker.js` });
  return [
    {
      name: `onnx-web, ${mode}`,
      runtime: () =>
        onnxWeb({ ...common('onnx-web'), wasmPaths: vendorAt('onnx-web', 'onnxruntime-web/dist') }),
    },
    {
      name: `tflite-wasm, ${mode}`,
      runtime: () => tfliteWasm({ ...common('tflite-wasm'), wasmPaths: `${runtimes}/tflite-wasm/vendor/` }),
    },
    {
      name: `litert, ${mode}`,
      runtime: () => litert({ ...common('litert'), wasmPaths: vendorAt('litert', '@litertjs/core/wasm') }),
    },
    {
      name: `tfjs on wasm, ${mode}`,
      runtime: () =>
        tfjsWebgpu({
          ...common('tfjs-webgpu'),
          accelerator: 'wasm',
          wasmPaths: vendorAt('tfjs-webgpu', '@tensorflow/tfjs-backend-wasm/dist'),
        }),
    },
  ];
});
