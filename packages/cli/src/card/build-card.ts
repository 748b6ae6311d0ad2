import { type ModelCard, type ModelPart, type ModelVariant, parseCard } from '@seg/core';
import type { LabelChannels } from './label-channels.ts';
import type { Shapes } from './read-shapes.ts';
import type { UsualRecipe } from './recipes.ts';

/** What a card is made of. */
export interface CardParts {
  readonly stem: string;
  readonly shapes: Shapes;
  readonly labelled: LabelChannels;
  readonly part: ModelPart;
}

/** A card for a file, fed and read by one recipe; `notes` says what was assumed. Checked as every card is. */
export function buildCard(parts: CardParts, recipe: UsualRecipe, notes: readonly string[]): ModelCard {
  const { stem, labelled, part } = parts;
  const id =
    stem
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'own-model';
  const card = {
    schema: 1,
    id,
    revision: part.sha256.slice(0, 12),
    title: stem,
    tasks: [],
    labels: labelled.labels,
    groups: {},
    license: {
      spdx: 'LicenseRef-unknown',
      attribution: 'not stated',
      source: 'not stated',
      commercial: 'unclear',
      why: 'This card was written by seg card, which knows only the file.',
    },
    metrics: [],
    trainingData: 'not stated',
    notes,
    variants: [buildVariant(parts, recipe)],
  };
  return parseCard(card);
}

function buildVariant({ shapes, labelled, part }: CardParts, recipe: UsualRecipe): ModelVariant {
  const { channels: _, ...output } = shapes.output;
  const { classes, channels } = labelled;
  return {
    id: 'onnx',
    format: 'onnx',
    precision: shapes.input.dtype,
    input: { ...shapes.input, fit: 'stretch', ...recipe.input },
    output: { ...output, values: recipe.values, classes, channels, threshold: 0.5, align: 'half-pixel' },
    parts: [part],
  };
}
