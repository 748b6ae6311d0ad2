import { type LoadedModel, loadModel, type ModelPart, type ModelSource, SegmentError } from '@seg/core';
import { type TinyModel, tinyCards } from './tiny-cards.ts';
import { tinyFiles } from './tiny-files.generated.ts';

/** The tiny models' files out of this package's own code: no disk, no network. Rejects others with `fetch`. */
export const tinySource: ModelSource = {
  async load(part: ModelPart, { signal } = {}) {
    signal?.throwIfAborted();
    const file = Object.values(tinyFiles).find(({ sha256 }) => sha256 === part.sha256);
    if (file === undefined) throw new SegmentError('fetch', `${part.path} is no tiny model`);
    return decode(file.base64);
  },
};

/** Files that are in order and that a runtime may have to refuse: see models/README.md. */
export type OddModel = 'float16' | 'operator' | 'two-inputs';

/** The bytes of an odd model; the caller's. */
export function oddBytes(name: OddModel): Uint8Array<ArrayBuffer> {
  return decode(tinyFiles[`odd-${name}.onnx`].base64);
}

/** A tiny model with its bytes, as `Runtime.open` takes it. By default its first variant. */
export async function loadTiny(name: TinyModel, variantId?: string): Promise<LoadedModel> {
  const card = tinyCards[name];
  const variant = card.variants.find(({ id }) => variantId === undefined || id === variantId);
  if (variant === undefined)
    throw new SegmentError('invalid-input', `${card.id} has no variant "${variantId}"`);
  return loadModel(card, variant, tinySource);
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
