import { loadModel, type ModelCard, type ModelVariant, SegmentError, suggestion } from '@seg/core';
import { createModelCache, type ModelCache } from '@seg/node/cache';
import type { Context } from '../context.ts';
import { EXIT_DONE, EXIT_FAILED, type Failure, failureOf, sayFailure, UsageError } from '../failure.ts';
import { formatBytes } from '../format.ts';
import { knownCard } from '../known-models.ts';
import { createProgress } from '../progress.ts';
import { findVariant, mainVariant, placeWord, variantBytes } from './at-hand.ts';

export interface PullOptions {
  readonly variant?: string;
  readonly json: boolean;
}

/** A model that is at hand now. */
interface Pulled {
  readonly model: string;
  readonly variant: string;
  readonly bytes: number;
  /** `ships`, `cache` or `mirror`. */
  readonly from: string;
  readonly paths: readonly string[];
}

/** `seg models pull`: one that fails does not stop the others. */
export async function pull(ids: readonly string[], options: PullOptions, context: Context): Promise<number> {
  const cards = await Promise.all([...new Set(ids)].map(knownCard));
  // a wrong name is noticed before the first download
  const wanted = cards.map((card) => ({ card, variant: chooseVariantOf(card, options.variant) }));
  const cache = createModelCache();
  const models: Pulled[] = [];
  const errors: Failure[] = [];
  for (const { card, variant } of wanted) {
    try {
      const pulled = await pullVariant(card, variant, cache, context);
      models.push(pulled);
      if (!options.json) printPulled(pulled, context);
    } catch (error) {
      if (context.signal.aborted) throw error;
      const failure = failureOf(error, card.id);
      errors.push(failure);
      sayFailure(failure, error, context);
    }
  }
  if (options.json) context.printJson({ models, errors });
  return errors.length > 0 ? EXIT_FAILED : EXIT_DONE;
}

function chooseVariantOf(card: ModelCard, id: string | undefined): ModelVariant | undefined {
  if (id === undefined) return mainVariant(card);
  const variant = card.variants.find((known) => known.id === id);
  if (variant !== undefined) return variant;
  const ids = card.variants.map((known) => known.id);
  throw new UsageError(`the model ${card.id} has no variant "${id}". ${suggestion(id, ids, 'variants')}`);
}

async function pullVariant(
  card: ModelCard,
  variant: ModelVariant | undefined,
  cache: ModelCache,
  context: Context,
): Promise<Pulled> {
  const { signal } = context;
  if (variant === undefined) {
    throw new SegmentError('unsupported', `the weights of ${card.id} are yours to supply`, {
      hint: card.notes?.join(' ') ?? `seg models show ${card.id} says more`,
    });
  }
  const progress = createProgress(`${card.id} ${variant.id}`, context);
  const { onProgress } = progress;
  await loadModel(card, variant, cache, { signal, onProgress }).finally(progress.end);
  const found = await findVariant(variant, cache, signal);
  return {
    model: card.id,
    variant: variant.id,
    bytes: variantBytes(variant),
    from: placeWord(found),
    paths: (found ?? []).map(({ path }) => path),
  };
}

function printPulled({ model, variant, bytes, from, paths }: Pulled, context: Context): void {
  context.print(
    `${context.colors.bold(model)} ${variant}, ${formatBytes(bytes)}, ${from}: ${paths[0] ?? ''}`,
  );
}
