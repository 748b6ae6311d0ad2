import { fileURLToPath } from 'node:url';
import type { ModelCard } from '@seg/core';
import { createModelCache, loadCardFile } from '@seg/node/cache';
import type { ChosenModel, ModelOptions } from './chosen-model.ts';
import { UsageError } from './failure.ts';
import { isFile } from './files.ts';
import { knownCard, knownCards } from './known-models.ts';
import { resolveModelFile } from './resolve-model-file.ts';

/**
 * Finds a model by its id, by its card's file, or by its own file.
 *
 * @throws UsageError (unknown id, a file without a card), SegmentError `io`, `invalid-card`, `invalid-input`
 */
export async function resolveModel(name: string, options: ModelOptions): Promise<ChosenModel> {
  const { signal, variant, offline, recipe } = options;
  const cache = createModelCache({ offline });
  if (/\.(onnx|tflite)$/i.test(name)) return await resolveModelFile(name, cache, options);
  if (recipe !== undefined) {
    throw new UsageError('--recipe says how a model file is fed and read: it goes with --model FILE.onnx');
  }
  if (/\.json$/i.test(name)) {
    const card = await loadCardFile(name, { signal });
    return { card, variant, source: cache, files: [name, ...filesBeside(card)] };
  }
  return { card: await cardById(name), variant, source: cache, files: [] };
}

async function cardById(name: string): Promise<ModelCard> {
  const isKnown = (await knownCards()).some(({ id }) => id === name);
  if (isKnown || !(await isFile(name))) return await knownCard(name);
  throw new UsageError(`${name} is no model: expected an id, FILE.onnx, or CARD.json`);
}

function filesBeside(card: ModelCard): string[] {
  const urls = card.variants.flatMap(({ parts }) => parts.flatMap((part) => part.urls));
  return urls.filter((url) => url.startsWith('file:///')).map((url) => fileURLToPath(url));
}
