import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createCpuTensor, type LoadedModel, type ModelVariant, type Tensor } from '@seg/core';
import { loadTiny, type TinyModel } from '@seg/testkit';
import { engine } from '@tensorflow/tfjs-core';
import { tfjsWebgpu } from '../src/node.ts';
import type { TfjsWebgpuOptions } from '../src/runtime.ts';

const root = new URL('../../../../', import.meta.url);

/** A file of the shared folder (SEG_SHARED, else ../shared beside the repository); null where it is absent. */
export function shared(path: string): string | null {
  const folder = process.env.SEG_SHARED ?? fileURLToPath(new URL('../shared', root));
  return existsSync(`${folder}/${path}`) ? `${folder}/${path}` : null;
}

/** The shared files' paths; where one is absent, the test is skipped and says so. */
export function sharedOrSkip(paths: readonly string[], skip: (note: string) => void): string[] {
  const absent = paths.filter((path) => shared(path) === null);
  if (absent.length > 0) skip(`no ${absent.join(', ')} in SEG_SHARED or ../shared`);
  return paths.map((path) => shared(path) ?? '');
}

/** A tiny model as this runtime takes it. */
export function tiny(name: TinyModel): Promise<LoadedModel> {
  return loadTiny(name, { format: 'tfjs' });
}

/** Opens a tiny model on the wasm back end. */
export async function openTiny(name: TinyModel, options: TfjsWebgpuOptions = {}) {
  return tfjsWebgpu({ accelerator: 'wasm', ...options }).open(await tiny(name));
}

/** The input of the 16 x 16 models, with numbers that are not all alike. */
export function someInput(): Tensor {
  const data = Float32Array.from({ length: 768 }, (_, i) => Math.sin(i));
  return createCpuTensor('float32', [1, 16, 16, 3], data);
}

/** A model of files alone: the recipe of tiny-rgb, changed. */
export async function filesModel(
  parts: LoadedModel['parts'],
  input: Partial<ModelVariant['input']> = {},
  output: Partial<ModelVariant['output']> = {},
): Promise<LoadedModel> {
  const { card, variant } = await tiny('rgb');
  return {
    card: { ...card, id: 'files' },
    variant: { ...variant, input: { ...variant.input, ...input }, output: { ...variant.output, ...output } },
    parts,
  };
}

/** A tiny model whose model.json is changed. */
export async function changedModel(
  change: (json: Json) => void,
  name: TinyModel = 'rgb',
): Promise<LoadedModel> {
  const model = await tiny(name);
  const json: Json = JSON.parse(new TextDecoder().decode(model.parts[0]));
  change(json);
  return { ...model, parts: [encode(json), ...model.parts.slice(1)] };
}

export function encode(json: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(json));
}

/** What of a model.json the tests change. */
export interface Json {
  format?: string;
  signature?: unknown;
  modelTopology: {
    versions?: unknown;
    node: { name: string; op: string; input?: string[]; attr?: unknown }[];
  };
  weightsManifest: {
    paths: string[];
    weights: { name: string; shape: number[]; dtype: string; quantization?: unknown }[];
  }[];
}

/** tfjs's tensors in this process. (`memory()` would start a back end.) */
export function countTensors(): number {
  return engine().state.numTensors;
}
