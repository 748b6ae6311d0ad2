import type { InputRecipe, Placement } from '@seg/core';
import { areaEdges, createTaps, type Pixels } from '@seg/core/adapter';
import type { Plan } from './plan.ts';
import { MODE, normalization } from './prepare-wgsl.ts';

/** How a source's pixels are walked: by bytes for pixels in a buffer; by its size for a video frame. */
export type Walk = Pick<Pixels, 'origin' | 'stepX' | 'stepY'>;

/**
 * The plan of `prepareShader`. Header: 0-1 the region's corner, 2-3 the rectangle's corner and 4-5 its size, 6-8 the
 * walk, 9-10 taps a pixel across and down, 11 the mode, 12 whether there is a previous mask.
 * The tables are the CPU's own, so that both resample alike: areas where both axes shrink, taps otherwise; a region that
 * needs no resampling goes through a table of all 256 bytes' values, and so comes out equal to the bit.
 */
export function planPrepare(
  { region, rect }: Placement,
  recipe: InputRecipe,
  { origin, stepX, stepY }: Walk,
  hasPrevious: boolean,
): Plan {
  const { mode, counts, tables } = planResampling(region, rect, recipe);
  const header = [region.x, region.y, rect.x, rect.y, rect.width, rect.height, origin, stepX, stepY];
  return { header: [...header, ...counts, mode, hasPrevious ? 1 : 0], tables };
}

function planResampling(
  region: Placement['region'],
  rect: Placement['rect'],
  recipe: InputRecipe,
): { mode: number; counts: readonly [number, number]; tables: Plan['tables'] } {
  if (region.width === rect.width && region.height === rect.height) {
    return { mode: MODE.copy, counts: [0, 0], tables: [storedBytes(recipe)] };
  }
  if (region.width > rect.width && region.height > rect.height) {
    const tables = [areaEdges(region.width, rect.width), areaEdges(region.height, rect.height)];
    return { mode: MODE.area, counts: [0, 0], tables };
  }
  const across = createTaps(region.width, rect.width);
  const down = createTaps(region.height, rect.height);
  const weights = [across, down].map((taps) => Float32Array.from(taps.weights));
  const [acrossWeights = new Float32Array(), downWeights = new Float32Array()] = weights;
  return {
    mode: MODE.taps,
    counts: [across.count, down.count],
    tables: [Int32Array.from(across.first), acrossWeights, Int32Array.from(down.first), downWeights],
  };
}

/** What each byte of r, then of g, then of b is stored as, computed as the CPU does. */
function storedBytes(recipe: InputRecipe): Float32Array {
  const { multiply, add } = normalization(recipe);
  return Float32Array.from({ length: 768 }, (_, index) => {
    const color = index >> 8;
    return (index & 255) * (multiply[color] ?? 1) + (add[color] ?? 0);
  });
}
