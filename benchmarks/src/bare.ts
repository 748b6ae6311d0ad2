// Each vendor's own call as its users write it, on the file and the tensor that we run: what ours is compared with.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { compileFunction } from 'node:vm';
import type { ModelVariant } from '@seg/core';
import { inputShape } from '@seg/core/adapter';
import type { RuntimeName } from './setting.ts';

/** A vendor's session. `run` resolves when the output can be read. */
export interface Bare {
  run(data: Float32Array): Promise<void>;
  release(): Promise<void> | void;
}

type OpenBare = (
  variant: ModelVariant,
  parts: readonly Uint8Array<ArrayBuffer>[],
  threads: number,
) => Promise<Bare>;

/** Opens a vendor alone, with the same threads and optimisations. */
export const BARE: Readonly<Record<RuntimeName, OpenBare>> = {
  'onnx-node': async (...model) => openOnnx(await import('onnxruntime-node'), ...model),
  'onnx-web': async (...model) => openOnnx(await import('onnxruntime-web'), ...model), // its threads are those of the page, and ours has set them
  'tflite-wasm': openTflite,
  litert: openLitert,
  'tfjs-wasm': openTfjs,
  'tfjs-cpu': openTfjs, // on the back end that ours has set
};

type Onnx = Pick<typeof import('onnxruntime-node'), 'InferenceSession' | 'Tensor'>;

async function openOnnx(
  { InferenceSession, Tensor }: Onnx,
  variant: ModelVariant,
  [bytes = new Uint8Array()]: readonly Uint8Array[],
  threads: number,
): Promise<Bare> {
  const session = await InferenceSession.create(bytes, {
    intraOpNumThreads: threads,
    graphOptimizationLevel: 'all',
  });
  const { input, output } = variant;
  return {
    async run(data) {
      const feeds = { [input.name]: new Tensor('float32', data, inputShape(variant)) };
      const results = await session.run(feeds, [output.name]);
      if (results[output.name] === undefined) throw new Error('the bare session gave no output');
    },
    release: () => session.release(),
  };
}

/** The raw module of tfjs-tflite, one thread. */
async function openTflite(
  _variant: ModelVariant,
  [bytes = new Uint8Array()]: readonly Uint8Array[],
  threads: number,
): Promise<Bare> {
  if (threads > 1) throw new Error('the bare tflite module is measured with one thread');
  const vendor = new URL('../node_modules/@seg/tflite-wasm/vendor/', import.meta.url);
  const { default: start } = await import(new URL('tflite-simd.mjs', vendor).href);
  const wasmBinary = await readFile(new URL('tflite-simd.wasm', vendor));
  const glue = await start({ wasmBinary, print: () => {}, printErr: () => {} });
  const at = glue._malloc(bytes.length);
  glue.HEAPU8.set(bytes, at);
  const options = { numThreads: 1, enableProfiling: false, maxProfilingBufferEntries: 1024 };
  const created = glue.TFLiteWebModelRunner.CreateFromBufferAndOptions(at, bytes.length, options);
  if (!created.ok()) throw new Error(created.errorMessage());
  const runner = created.value();
  return {
    async run(data) {
      runner.GetInputs().get(0).data().set(data);
      if (!runner.Infer()) throw new Error('the bare runner failed');
      if (runner.GetOutputs().get(0).data().slice().length === 0)
        throw new Error('the bare runner gave no output');
    },
    release: () => runner.delete(),
  };
}

/** LiteRT.js by its own API; in Node with what it expects of a page. */
async function openLitert(
  variant: ModelVariant,
  [bytes = new Uint8Array()]: readonly Uint8Array<ArrayBuffer>[],
  threads: number,
): Promise<Bare> {
  const vendor = await import('@litertjs/core');
  const require = createRequire(import.meta.url);
  const path = join(dirname(require.resolve('@litertjs/core')), '../wasm/litert_wasm_internal.js');
  const module: { exports: unknown } = { exports: null };
  const names = ['module', 'exports', 'require', '__filename', '__dirname'];
  compileFunction(await readFile(path, 'utf8'), names)(module, {}, require, path, dirname(path));
  const page = {
    self: globalThis,
    importScripts: () => {},
    ModuleFactory: module.exports,
    Module: { wasmBinary: await readFile(path.replace('.js', '.wasm')), printErr: () => {} },
  };
  Object.assign(globalThis, page);
  const { create } = vendor.Environment;
  vendor.Environment.create = async () => new vendor.Environment({ webGpuDevice: null });
  await vendor.loadLiteRt(path);
  vendor.Environment.create = create;
  for (const name of Object.keys(page)) Reflect.deleteProperty(globalThis, name);
  const model = await vendor.loadAndCompile(bytes, {
    accelerator: 'wasm',
    cpuOptions: { numThreads: threads },
  });
  return {
    async run(data) {
      const input = new vendor.Tensor(data, inputShape(variant));
      const outputs = await model.run([input]);
      for (const output of outputs) {
        await output.data();
        output.delete();
      }
      input.delete();
    },
    release: () => model.delete(),
  };
}

async function openTfjs(
  variant: ModelVariant,
  [model = new Uint8Array(), weights = new Uint8Array()]: readonly Uint8Array<ArrayBuffer>[],
): Promise<Bare> {
  const [{ loadGraphModelSync }, { tensor }] = await Promise.all([
    import('@tensorflow/tfjs-converter'),
    import('@tensorflow/tfjs-core'),
  ]);
  const { modelTopology, signature, weightsManifest } = JSON.parse(new TextDecoder().decode(model));
  const weightSpecs = weightsManifest.flatMap((group: { weights: unknown[] }) => group.weights);
  const weightData = weights.slice().buffer;
  const graph = loadGraphModelSync({ modelTopology, signature, weightSpecs, weightData });
  return {
    async run(data) {
      const input = tensor(data, inputShape(variant));
      const [output] = [graph.execute({ [variant.input.name]: input }, variant.output.name)].flat();
      await output?.data();
      output?.dispose();
      input.dispose();
    },
    release: () => graph.dispose(),
  };
}
