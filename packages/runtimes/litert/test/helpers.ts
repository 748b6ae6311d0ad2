import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createCpuTensor, type LoadedModel, type ModelVariant, type Tensor } from '@seg/core';
import { loadTiny, type TinyModel } from '@seg/testkit';
import type { LitertOptions } from '../src/index.ts';
import { litert } from '../src/node.ts';

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

/** A tiny model as a .tflite file. */
export function loadTinyTflite(name: TinyModel): Promise<LoadedModel> {
  return loadTiny(name, { format: 'tflite' });
}

/** Opens a tiny model on one thread. */
export async function openTiny(name: TinyModel, options: LitertOptions = {}) {
  return litert({ threads: 1, ...options }).open(await loadTinyTflite(name));
}

/** The input of the 16 x 16 models, with numbers that are not all alike. */
export function someInput(seed = 0): Tensor {
  return createCpuTensor(
    'float32',
    [1, 16, 16, 3],
    Float32Array.from({ length: 768 }, (_, i) => Math.sin(i + seed)),
  );
}

/** A model of a file alone: the recipe of tiny-rgb, changed. */
export async function fileModel(
  bytes: Uint8Array<ArrayBuffer>,
  input: Partial<ModelVariant['input']> = {},
  output: Partial<ModelVariant['output']> = {},
): Promise<LoadedModel> {
  const { card, variant } = await loadTinyTflite('rgb');
  return {
    card: { ...card, id: 'a-file' },
    variant: { ...variant, input: { ...variant.input, ...input }, output: { ...variant.output, ...output } },
    parts: [bytes],
  };
}
