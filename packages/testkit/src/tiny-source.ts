import {
  chooseVariant,
  type LoadedModel,
  loadModel,
  type ModelPart,
  type ModelSource,
  type Runtime,
  SegmentError,
} from '@seg/core';
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

const SUFFIXES = { onnx: 'onnx', tflite: 'tflite', tfjs: 'tfjs.json' } as const;

/** Files that are in order and that a runtime may have to refuse, by format: see models/README.md. */
export interface OddModels {
  readonly onnx: 'float16' | 'operator' | 'two-inputs';
  readonly tflite: 'operator' | 'two-inputs' | 'int64' | 'batch';
  readonly tfjs: 'operator' | 'two-inputs';
}

export type OddModel<Format extends keyof OddModels = 'onnx'> = OddModels[Format];

/** The bytes of an odd model, an ONNX file unless told otherwise (of tfjs the model.json); the caller's. */
export function oddBytes<Format extends keyof OddModels = 'onnx'>(
  name: OddModel<Format>,
  format?: Format,
): Uint8Array<ArrayBuffer> {
  const path = `odd-${name}.${SUFFIXES[format ?? 'onnx']}`;
  const file = Object.entries(tinyFiles).find(([each]) => each === path)?.[1];
  if (file === undefined) throw new SegmentError('invalid-input', `there is no ${path}`);
  return decode(file.base64);
}

/**
 * A tiny model with its bytes, as `Runtime.open` takes it: the variant of an id, or the first one that a runtime takes
 * (or whatever else names a format). By default the card's first, which is ONNX.
 *
 * @throws SegmentError `invalid-input` (no such variant), `unsupported` (none that the runtime takes)
 */
export async function loadTiny(
  name: TinyModel,
  choice?: string | Pick<Runtime, 'format' | 'provides'>,
): Promise<LoadedModel> {
  const card = tinyCards[name];
  if (typeof choice === 'object') {
    const variant = chooseVariant(card, { name: `a runtime of ${choice.format}`, ...choice });
    return loadModel(card, variant, tinySource);
  }
  const variant = card.variants.find(({ id }) => choice === undefined || id === choice);
  if (variant === undefined) throw new SegmentError('invalid-input', `${card.id} has no variant "${choice}"`);
  return loadModel(card, variant, tinySource);
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
