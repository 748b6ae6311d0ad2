import { type LabelNames, resolveSelection, type Selection } from '@seg/core';
import { asUsage } from '../failure.ts';

const NOT = 'not:';

/**
 * `--select hair,skin` is these labels (or groups); `not:NAME` takes one away, from all labels where nothing else is
 * named. Without names: everything but the background.
 */
export function parseSelection(names: readonly string[]): Selection | undefined {
  if (names.length === 0) return undefined;
  const excluded = names.filter((name) => name.startsWith(NOT)).map((name) => name.slice(NOT.length));
  const included = names.filter((name) => !name.startsWith(NOT));
  if (excluded.length === 0) return included;
  const others: Selection = included.length === 0 ? [] : { not: included };
  return { not: [others, ...excluded] };
}

/**
 * The label indexes that are meant, ascending.
 *
 * @throws UsageError for a name that is neither label nor group; the message lists the near ones
 */
export function selectedLabels(selection: Selection | undefined, names: LabelNames): readonly number[] {
  return asUsage(() => resolveSelection(selection, names));
}
