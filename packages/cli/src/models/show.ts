import type { InputRecipe, ModelCard, ModelVariant, OutputRecipe } from '@seg/core';
import type { Context } from '../context.ts';
import { EXIT_DONE } from '../failure.ts';
import { formatBytes, formatTable } from '../format.ts';
import { resolveModel } from '../resolve-model.ts';

export interface ShowOptions {
  readonly json: boolean;
}

/** `seg models show`. */
export async function show(name: string, { json }: ShowOptions, context: Context): Promise<number> {
  const { card } = await resolveModel(name, { signal: context.signal });
  if (json) {
    context.printJson(card);
    return EXIT_DONE;
  }
  const { bold } = context.colors;
  context.print(bold(`${card.title} (${card.id}, revision ${card.revision})`));
  if (card.description !== undefined) context.print(card.description);
  for (const line of formatTable(facts(card))) context.print(line);
  for (const variant of card.variants) {
    context.print('');
    context.print(bold(`variant ${variant.id}`));
    for (const line of formatTable(variantFacts(variant))) context.print(line);
  }
  if (card.variants.length === 0) context.print('No variant: the weights are yours to supply.');
  return EXIT_DONE;
}

function facts(card: ModelCard): string[][] {
  const { license } = card;
  const groups = Object.entries(card.groups).map(([name, group]) => `${name} = ${JSON.stringify(group)}`);
  return [
    ['for', card.tasks.join(', ')],
    ['labels', `${card.labels.names.join(', ')} (${card.labels.id})`],
    ...groups.map((group) => ['group', group]),
    ['licence', `${license.spdx}, ${license.source}`],
    ['attribution', license.attribution],
    ['commercial', `${license.commercial}: ${license.why}`],
    ['training', card.trainingData],
    ...card.metrics.map(({ metric, value, dataset, by }) => [
      'measured',
      `${metric} ${value} on ${dataset} (${by})`,
    ]),
    ...(card.notes ?? []).map((note) => ['note', note]),
    ['self-test', card.selfTest === undefined ? 'none' : `a picture of seed ${card.selfTest.seed}`],
  ];
}

function variantFacts(variant: ModelVariant): string[][] {
  const needs = variant.needs === undefined ? [] : [['needs', variant.needs.join(', ')]];
  const files = variant.parts.flatMap(({ path, bytes, sha256, urls }) => [
    ['file', `${path}, ${formatBytes(bytes)} (${bytes} bytes)`],
    ['sha256', sha256],
    ...urls.map((url) => ['address', url]),
  ]);
  const { format, precision } = variant;
  return [
    ['stored as', `${format}, ${precision}`],
    ...needs,
    ...inputFacts(variant.input),
    ...outputFacts(variant.output),
    ...files,
  ];
}

function inputFacts({
  name,
  size,
  layout,
  dtype,
  fit,
  order,
  mean,
  std,
  quantization,
  extra,
}: InputRecipe): string[][] {
  return [
    ['input', `${name}: ${size.width} x ${size.height}, ${dtype}, ${layout}, ${order}, ${fit}`],
    ['', `(byte - [${mean.join(', ')}]) / [${std.join(', ')}]${quantizationWords(quantization)}`],
    ...(extra === undefined ? [] : [['', `and a channel: ${extra}`]]),
  ];
}

function outputFacts(output: OutputRecipe): string[][] {
  const {
    name,
    size,
    layout,
    dtype,
    values,
    classes,
    channels,
    threshold,
    align,
    quantization,
    resizedFrom,
  } = output;
  const grid = `${name}: ${size.width} x ${size.height}, ${dtype}, ${layout}, ${align}${quantizationWords(quantization)}`;
  const independent = classes === 'independent' ? ` from ${threshold}` : '';
  const meaning =
    values === 'class-index' ? values : `${values}, ${classes}${independent}, labels ${channels.join(' ')}`;
  const resized =
    resizedFrom === undefined
      ? ''
      : `, resized in the file from ${resizedFrom.width} x ${resizedFrom.height}`;
  return [
    ['output', grid],
    ['', meaning + resized],
  ];
}

function quantizationWords(quantization: InputRecipe['quantization']): string {
  return quantization === undefined
    ? ''
    : `, scale ${quantization.scale}, zero point ${quantization.zeroPoint}`;
}
