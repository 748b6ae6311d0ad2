import type { OutputRecipe } from '../card.ts';
import { type Placement, type Size, sampleAxis } from '../geometry.ts';
import type { DecodeRequest, LoadedModel } from '../runtime.ts';
import { type CpuTensor, createCpuTensor } from '../tensor.ts';
import { type CellMemory, createCellMemory, createSampling, type Sampling } from './cells.ts';
import { decodeClasses } from './decode-classes.ts';
import { decodeIndexes } from './decode-index.ts';
import { ACTIVATIONS, type Activation, decodeScores, type PlaneSelection } from './decode-scores.ts';
import { decodeSoftmax } from './decode-softmax.ts';
import { decodeGrid, openRawGrid, type RawGrid } from './raw-grid.ts';

/** Turns one model's checked raw output into classes or scores. Keeps its working memory, so make one per model. */
export interface Decoder {
  classes(raw: CpuTensor, placement: Placement, size: Size): CpuTensor<'uint8'>;
  scores(
    raw: CpuTensor,
    placement: Placement,
    request: Extract<DecodeRequest, { as: 'scores' }>,
  ): CpuTensor<'float32'>;
}

export function createDecoder({ card, variant }: Pick<LoadedModel, 'card' | 'variant'>): Decoder {
  const recipe = variant.output;
  const labels = Uint8Array.from(recipe.channels);
  let working = new Float32Array(0);
  let memory: CellMemory | null = null;
  let last: { key: string; sampling: Sampling } | null = null;

  function open(raw: CpuTensor): RawGrid {
    return openRawGrid(raw, recipe, (length) => {
      if (working.length !== length) working = new Float32Array(length);
      return working;
    });
  }

  function samplingFor(placement: Placement, size: Size): Sampling {
    const key = JSON.stringify([placement, size]);
    if (last?.key !== key) last = { key, sampling: samplingOf(placement, size, recipe) };
    return last.sampling;
  }

  return {
    classes(raw, placement, size) {
      const sampling = samplingFor(placement, size);
      const out = new Uint8Array(size.width * size.height);
      if (recipe.values === 'class-index') {
        decodeIndexes(raw.data, recipe, card.labels.names.length, sampling, out);
      } else {
        const grid = open(raw);
        memory ??= createCellMemory(grid);
        decodeClasses(grid, labels, leastValue(recipe), sampling, memory, out);
      }
      return createCpuTensor('uint8', [size.height, size.width], out);
    },
    scores(raw, placement, { size, select }) {
      const sampling = samplingFor(placement, size);
      const out = new Float32Array(select.length * size.width * size.height);
      const planes = select.map((indexes) => selectChannels(indexes, recipe));
      const activation = activationOf(recipe);
      const grid = open(raw);
      if (activation === null) {
        memory ??= createCellMemory(grid);
        decodeSoftmax(grid, planes, sampling, memory, out);
      } else decodeScores(grid, planes, activation, sampling, out);
      return createCpuTensor('float32', [select.length, size.height, size.width], out);
    },
  };
}

function samplingOf(placement: Placement, size: Size, recipe: OutputRecipe): Sampling {
  const { width, height } = decodeGrid(recipe);
  return createSampling(
    size,
    sampleAxis(placement, 'x', size.width, width, recipe.align),
    sampleAxis(placement, 'y', size.height, height, recipe.align),
  );
}

/** The value that an independent channel must reach, in the output's own terms: interpolation comes before activation. */
function leastValue({ classes, values, threshold }: OutputRecipe): number {
  if (classes === 'exclusive') return -Infinity;
  return values === 'logits' ? Math.log(threshold / (1 - threshold)) : threshold;
}

/** Null: softmax, which is not a matter of one channel at a time. */
function activationOf({ classes, values }: OutputRecipe): Activation | null {
  if (classes === 'independent') return values === 'logits' ? ACTIVATIONS.sigmoid : ACTIVATIONS.maximum;
  return values === 'logits' ? null : ACTIVATIONS.sum;
}

function selectChannels(indexes: readonly number[], recipe: OutputRecipe): PlaneSelection {
  return {
    channels: Uint8Array.from(recipe.channels, (label) => (indexes.includes(label) ? 1 : 0)),
    rest: recipe.classes === 'independent' && indexes.some((label) => !recipe.channels.includes(label)),
  };
}
