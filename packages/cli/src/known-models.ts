import type { LabelSet, ModelCard, ModelVariant } from '@seg/core';
import { suggestion } from '@seg/core';
import { UsageError } from './failure.ts';

// @seg/models is loaded when it is needed, so that `seg --version` does without.

/** Every card of @seg/models. */
export async function knownCards(): Promise<readonly ModelCard[]> {
  return (await import('@seg/models')).cards;
}

/** @throws UsageError for an unknown id; the message lists the near ones */
export async function knownCard(id: string): Promise<ModelCard> {
  const cards = await knownCards();
  const card = cards.find((known) => known.id === id);
  if (card !== undefined) return card;
  const ids = cards.map((known) => known.id);
  throw new UsageError(`there is no model "${id}". ${suggestion(id, ids, 'models')}`);
}

/** A card, and how files for it are fed and read. */
export interface CardRecipe {
  readonly card: ModelCard;
  readonly recipes: readonly Omit<ModelVariant, 'parts'>[];
}

/** Also for a card whose weights are the user's to supply. @throws UsageError for an unknown id */
export async function knownRecipe(id: string): Promise<CardRecipe> {
  const card = await knownCard(id);
  const recipe = (await import('@seg/models')).findRecipe(id);
  const recipes = card.variants.length > 0 || recipe === undefined ? card.variants : [recipe];
  return { card, recipes };
}

/** A well-known label set such as `voc-21`; undefined where there is none of this id. */
export async function knownLabelSet(id: string): Promise<LabelSet | undefined> {
  return (await import('@seg/models')).labelSets.find((set) => set.id === id);
}
