// One page, one picture, every runtime: the classes must be those of the reference. Without the network's files: skipped.
import { expect, test } from 'vitest';
import deeplabv3257 from '../../models/dist/deeplabv3-257.js';
import {
  createSegmenter,
  type PixelImage,
  type Runtime,
  readClassMap,
} from '../../packages/core/dist/index.js';
import { litert } from '../../packages/runtimes/litert/dist/index.js';
import { onnxWeb } from '../../packages/runtimes/onnx-web/dist/index.js';
import { tfjsWebgpu } from '../../packages/runtimes/tfjs-webgpu/dist/index.js';
import { tfliteWasm } from '../../packages/runtimes/tflite-wasm/dist/index.js';
import { createModelCache } from '../../packages/web/dist/index.js';
import { sharedOrSkip, vendorAt } from './shared.ts';

const source = createModelCache({ name: 'golden', mirror: new URL('/shared/models/', location.href).href });
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

const RUNTIMES: Readonly<Record<string, () => Runtime>> = {
  'onnx-web, wasm': () => onnxWeb(onnx),
  'onnx-web, WebGPU': () => onnxWeb({ ...onnx, accelerator: 'webgpu' }),
  'tflite-wasm': () => tfliteWasm(tflite),
  'litert, wasm': () => litert(lite),
  'litert, WebGPU': () => litert({ ...lite, accelerator: 'webgpu' }),
  'tfjs, wasm': () => tfjsWebgpu({ ...tfjs, accelerator: 'wasm' }),
  'tfjs, plain JavaScript': () => tfjsWebgpu({ ...tfjs, accelerator: 'cpu' }),
  'tfjs, WebGPU': () => tfjsWebgpu({ ...tfjs, accelerator: 'webgpu' }),
};

for (const [name, create] of Object.entries(RUNTIMES)) {
  test(`DeepLabV3 257 on ${name}: 0 of 66,049 pixels differ`, { timeout: 180_000 }, async ({ skip }) => {
    const [input = '', labels = ''] = await sharedOrSkip(
      ['golden/deeplabv3_257/input_257x257x3_rgb.u8', 'golden/deeplabv3_257/labels_257x257.u8'],
      skip,
    );
    const image: PixelImage = { format: 'rgb8', width: 257, height: 257, data: await bytesOf(input) };
    const expected = await bytesOf(labels);
    const segmenter = await createSegmenter({ model: deeplabv3257, runtime: create() });
    const segmentation = await segmenter.segment(image);
    const { data } = await readClassMap(segmentation);
    await segmenter.dispose();
    expect(expected.length).toBe(66_049);
    expect(expected.filter((label, at) => label !== data[at]).length).toBe(0);
  });
}

async function bytesOf(url: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}
