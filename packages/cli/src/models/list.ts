import type { ModelCard, Task } from '@seg/core';
import { createModelCache, type ModelCache } from '@seg/node/cache';
import type { Context } from '../context.ts';
import { EXIT_DONE } from '../failure.ts';
import { formatBytes, formatTable } from '../format.ts';
import { knownCards } from '../known-models.ts';
import { findVariant, mainVariant, placeWord, variantBytes } from './at-hand.ts';

export interface ListOptions {
  readonly for?: Task;
  readonly json: boolean;
}

interface Listed {
  readonly id: string;
  readonly title: string;
  readonly tasks: readonly Task[];
  /** Of the variant that `seg segment` takes; null where the weights are the user's to supply. */
  readonly bytes: number | null;
  readonly license: string;
  readonly commercial: string;
  readonly formats: readonly string[];
  /** `ships`, `cache`, `mirror` or `no`. */
  readonly atHand: string;
}

/** `seg models list`. */
export async function list({ for: task, json }: ListOptions, context: Context): Promise<number> {
  const cards = (await knownCards()).filter(({ tasks }) => task === undefined || tasks.includes(task));
  const cache = createModelCache({ offline: true });
  const models: Listed[] = [];
  for (const card of cards) models.push(await describe(card, cache, context.signal));
  if (json) context.printJson({ models });
  else printTable(models, context);
  return EXIT_DONE;
}

async function describe(card: ModelCard, cache: ModelCache, signal: AbortSignal): Promise<Listed> {
  const variant = mainVariant(card);
  return {
    id: card.id,
    title: card.title,
    tasks: card.tasks,
    bytes: variant === undefined ? null : variantBytes(variant),
    license: card.license.spdx,
    commercial: card.license.commercial,
    formats: [...new Set(card.variants.map(({ format }) => format))],
    atHand: placeWord(variant === undefined ? null : await findVariant(variant, cache, signal)),
  };
}

const HEADER = ['id', 'for', 'size', 'at hand', 'commercial', 'licence', 'formats', 'title'];

function printTable(models: readonly Listed[], context: Context): void {
  const rows = models.map(({ id, tasks, bytes, license, commercial, formats, atHand, title }) => [
    id,
    tasks.join(','),
    bytes === null ? '-' : formatBytes(bytes),
    atHand,
    commercial,
    license,
    formats.join(',') || '-',
    title,
  ]);
  const [header = '', ...lines] = formatTable([HEADER, ...rows], context.columns);
  context.print(context.colors.dim(header));
  for (const line of lines) context.print(line);
}
