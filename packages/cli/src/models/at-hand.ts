import type { ModelCard, ModelVariant } from '@seg/core';
import type { FoundPart, ModelCache } from '@seg/node/cache';

/** Where a variant's files are on this machine, verified; null where one is missing. */
export async function findVariant(
  { parts }: ModelVariant,
  cache: ModelCache,
  signal: AbortSignal,
): Promise<readonly FoundPart[] | null> {
  const found: FoundPart[] = [];
  for (const part of parts) {
    const place = await cache.find(part, { signal });
    if (place === null) return null;
    found.push(place);
  }
  return found;
}

/** The variant that `seg segment` takes, else the first; undefined where the weights are the user's to supply. */
export function mainVariant(card: ModelCard): ModelVariant | undefined {
  return (
    card.variants.find(({ format, needs }) => format === 'onnx' && needs === undefined) ?? card.variants[0]
  );
}

export function variantBytes({ parts }: ModelVariant): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Where files were found, in one word. */
export function placeWord(found: readonly FoundPart[] | null): string {
  const from = found?.[0]?.from;
  return from === undefined ? 'no' : from === 'card' ? 'ships' : from;
}
