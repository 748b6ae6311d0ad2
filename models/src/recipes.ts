import type { InputRecipe, ModelVariant } from '@seg/core';

/** How a model is fed and read, without its files: what a file of one's own needs to be used. */
export type VariantRecipe = Omit<ModelVariant, 'parts'>;

type Scaling = Pick<InputRecipe, 'mean' | 'std'>;

/** Bytes to 0 to 1. */
export const TO_UNIT: Scaling = { mean: [0, 0, 0], std: [255, 255, 255] };

/** Bytes to -1 to 1. */
export const TO_SIGNED_UNIT: Scaling = { mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] };

/** ImageNet's mean and deviation (0.485, 0.456, 0.406 and 0.229, 0.224, 0.225) in units of bytes. */
export const IMAGENET: Scaling = { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] };

/** Said in the notes of a card whose files have no public address. */
export const NO_ADDRESS =
  'No public address is known to give this very file. Put it under its name into a folder and name that folder as ' +
  'the model mirror (SEG_MODEL_MIRROR); size and sha256 are checked.';
