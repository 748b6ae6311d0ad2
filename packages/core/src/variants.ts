import type { ModelCard, ModelVariant } from './card.ts';
import { SegmentError } from './errors.ts';
import type { Runtime } from './runtime.ts';
import { suggestion } from './suggest.ts';

type Taker = Pick<Runtime<never>, 'name' | 'format' | 'provides'>;

/**
 * The variant of `card` that `runtime` opens: the one named `id`, or the first in card order that it takes.
 *
 * @throws SegmentError `invalid-input` for an unknown id, `unsupported` where format or needs do not fit
 */
export function chooseVariant(card: ModelCard, runtime: Taker, id?: string): ModelVariant {
  if (id !== undefined) {
    const named = card.variants.find((variant) => variant.id === id);
    if (named === undefined) {
      const ids = card.variants.map((variant) => variant.id);
      throw new SegmentError('invalid-input', `the model ${card.id} has no variant "${id}"`, {
        hint: suggestion(id, ids, 'variants'),
      });
    }
    const reason = refusal(named, runtime);
    if (reason === null) return named;
    throw new SegmentError(
      'unsupported',
      `${runtime.name} does not take the variant ${id} of ${card.id}: ${reason}`,
    );
  }
  const taken = card.variants.find((variant) => refusal(variant, runtime) === null);
  if (taken !== undefined) return taken;
  throw new SegmentError('unsupported', `${runtime.name} takes no variant of the model ${card.id}`, {
    expected: `a variant in the format ${runtime.format}`,
    received:
      card.variants.map((variant) => `${variant.id} (${refusal(variant, runtime)})`).join(', ') || 'none',
    ...(card.variants.length === 0 && card.notes !== undefined ? { hint: card.notes.join(' ') } : {}),
  });
}

/** Why a runtime cannot take a variant; null where it can. */
function refusal(variant: ModelVariant, { format, provides = [] }: Taker): string | null {
  if (variant.format !== format) return `its format is ${variant.format}`;
  const missing = (variant.needs ?? []).filter((need) => !provides.includes(need));
  return missing.length === 0 ? null : `it needs ${missing.join(', ')}`;
}
