import { type AxisSamples, type OutputRecipe, type Placement, type Size, sampleAxis } from '@seg/core';
import { decodeGrid } from '@seg/core/adapter';
import type { Plan } from './plan.ts';

/** The plan of `classesShader`. */
export function planClasses(placement: Placement, size: Size, recipe: OutputRecipe): Plan {
  const { header, tables } = planSamples(placement, size, recipe);
  return { header, tables: [...tables, Uint32Array.from(recipe.channels)] };
}

/** The plan of `indexesShader`. */
export function planIndexes(
  placement: Placement,
  size: Size,
  recipe: OutputRecipe,
  labelCount: number,
): Plan {
  const [x, y] = axesOf(placement, size, recipe);
  return { header: [...seenHeader(size, x, y), labelCount], tables: [nearest(x), nearest(y)] };
}

/** The plan of `scoresShader`: `select` holds the label indexes of each plane. */
export function planScores(
  placement: Placement,
  size: Size,
  recipe: OutputRecipe,
  select: readonly (readonly number[])[],
): Plan {
  const { header, tables } = planSamples(placement, size, recipe);
  const { channels, classes } = recipe;
  const selected = select.flatMap((labels) => channels.map((label) => (labels.includes(label) ? 1 : 0)));
  const holdsRest = (labels: readonly number[]): boolean =>
    classes === 'independent' && labels.some((label) => !channels.includes(label));
  return {
    header: [...header, select.length],
    tables: [
      ...tables,
      Uint32Array.from(selected),
      Uint32Array.from(select, (labels) => (holdsRest(labels) ? 1 : 0)),
    ],
  };
}

function planSamples(placement: Placement, size: Size, recipe: OutputRecipe): Plan {
  const [x, y] = axesOf(placement, size, recipe);
  const tables = [x.index, Float32Array.from(x.fraction), y.index, Float32Array.from(y.fraction)];
  return { header: seenHeader(size, x, y), tables };
}

function axesOf(placement: Placement, size: Size, recipe: OutputRecipe): [AxisSamples, AxisSamples] {
  const { width, height } = decodeGrid(recipe);
  return [
    sampleAxis(placement, 'x', size.width, width, recipe.align),
    sampleAxis(placement, 'y', size.height, height, recipe.align),
  ];
}

function seenHeader({ width, height }: Size, x: AxisSamples, y: AxisSamples): readonly number[] {
  return [width, height, x.begin, x.end, y.begin, y.end];
}

function nearest({ index, fraction }: AxisSamples): Int32Array {
  return index.map((left, pixel) => ((fraction[pixel] ?? 0) < 0.5 ? left : left + 1));
}
