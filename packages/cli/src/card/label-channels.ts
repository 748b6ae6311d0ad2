import type { LabelSet, OutputRecipe } from '@seg/core';
import { UsageError } from '../failure.ts';
import type { Shapes } from './read-shapes.ts';

/** Labels, and which of them each output channel scores. */
export interface LabelChannels {
  readonly labels: LabelSet;
  readonly classes: OutputRecipe['classes'];
  readonly channels: readonly number[];
  readonly isIndex: boolean;
  /** What was made up, for people; empty where nothing was. */
  readonly assumed: readonly string[];
}

/** Binds names to channels. @throws UsageError where their numbers do not fit */
export function bindLabels(
  named: LabelSet | null,
  { dtype, channels: count }: Shapes['output'],
): LabelChannels {
  const isIndex = count === 1 && dtype !== 'float32';
  const assumed = named === null ? ['label names were made up: give them with --labels'] : [];
  if (isIndex) {
    if (named === null) {
      throw new UsageError(
        'the output holds class indexes, and the file does not say of how many classes: --labels',
      );
    }
    return { labels: named, classes: 'exclusive', channels: [], isIndex, assumed };
  }
  const labels = withBackground(named ?? madeUp(count), count);
  const { length } = labels.names;
  if (length === count && count > 1) {
    return { labels, classes: 'exclusive', channels: indexes(0, count), isIndex, assumed };
  }
  if (length === count + 1) {
    return { labels, classes: 'independent', channels: indexes(1, count), isIndex, assumed };
  }
  throw new UsageError(
    `--labels names ${length}, and the output has ${count} channels: expected ${count} for one class a pixel, or ` +
      `${count + 1} that begin with the background for channels that stand each for itself`,
  );
}

/** A lone channel with a lone name: what is not it is the background. */
function withBackground(labels: LabelSet, count: number): LabelSet {
  return count === 1 && labels.names.length === 1
    ? { id: labels.id, names: ['background', ...labels.names] }
    : labels;
}

function madeUp(count: number): LabelSet {
  if (count === 1) return { id: 'made-up', names: ['background', 'foreground'] };
  return { id: 'made-up', names: ['background', ...indexes(1, count - 1).map((index) => `class-${index}`)] };
}

function indexes(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}
