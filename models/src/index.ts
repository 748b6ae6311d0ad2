import type { LabelSet, ModelCard, ModelPart } from '@seg/core';
import aiseg513 from './aiseg-513.ts';
import deeplabv3257 from './deeplabv3-257.ts';
import deeplabv3513 from './deeplabv3-513.ts';
import faceParsing512 from './face-parsing-512.ts';
import { faceParsingRecipe } from './face-parsing-recipe.ts';
import faceUnet256 from './face-unet-256.ts';
import hair from './hair.ts';
import { celebAMask19, face2, faceParsing19, hair2, object2, people4, person2, voc21 } from './labels.ts';
import { ade20k150, camVid12, cityscapes19 } from './labels-scenes.ts';
import objectU2netp from './object-u2netp.ts';
import people from './people.ts';
import portraitMunet128 from './portrait-munet-128.ts';
import portraitSlim512 from './portrait-slim-512.ts';
import type { VariantRecipe } from './recipes.ts';
import selfie from './selfie.ts';
import selfieLandscape from './selfie-landscape.ts';
import skinClothesHair512 from './skin-clothes-hair-512.ts';
import unetPerson128 from './unet-person-128.ts';

export type { VariantRecipe };

/** Every card of this package. The default model, which needs no download, comes first. */
export const cards: readonly ModelCard[] = [
  people,
  selfie,
  selfieLandscape,
  portraitSlim512,
  portraitMunet128,
  aiseg513,
  unetPerson128,
  skinClothesHair512,
  hair,
  faceUnet256,
  faceParsing512,
  objectU2netp,
  deeplabv3257,
  deeplabv3513,
];

/** The label sets of the cards, and well-known ones for cards of one's own. */
export const labelSets: readonly LabelSet[] = [
  person2,
  people4,
  hair2,
  face2,
  faceParsing19,
  celebAMask19,
  object2,
  voc21,
  cityscapes19,
  camVid12,
  ade20k150,
];

/** The card of this id, such as `people`. */
export function findCard(id: string): ModelCard | undefined {
  return cards.find((card) => card.id === id);
}

/**
 * How a file of one's own for this card is fed and read: the recipe of its first variant, or, for a card whose weights
 * are the user's to supply, the recipe that its notes speak of.
 */
export function findRecipe(id: string): VariantRecipe | undefined {
  const variant = findCard(id)?.variants[0];
  if (variant === undefined) return id === faceParsing512.id ? faceParsingRecipe : undefined;
  const { parts: _, ...recipe } = variant;
  return recipe;
}

/** A copy of `card` with one variant: a file of one's own that is fed and read by `recipe`. */
export function withFile(card: ModelCard, recipe: VariantRecipe, part: ModelPart): ModelCard {
  const { selfTest: _, ...rest } = card;
  return { ...rest, variants: [{ ...recipe, parts: [part] }] };
}
