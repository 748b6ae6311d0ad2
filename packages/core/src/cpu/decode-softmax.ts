import {
  type Candidates,
  type CellMemory,
  cornerWinners,
  findWinners,
  gatherCandidates,
  type Sampling,
} from './cells.ts';
import type { PlaneSelection } from './decode-scores.ts';
import type { RawGrid } from './raw-grid.ts';

/** The largest error that filling a saturated cell may make: an eighth of a grey level of an 8-bit mask. */
const SATURATION_ERROR = 0.0005;

/** Logits further apart than this inside one cell would under- or overflow in the fast way. */
const FAST_RANGE = 600;

/**
 * Exclusive logits: interpolates the logits, then softmax, then the sum over the selected channels. Channels that one
 * other channel drowns at all four corners of a cell are left out there; where only selected ones (or none) are left
 * the cell is filled. `out` is [planes, height, width] and comes in as zeros.
 */
export function decodeSoftmax(
  grid: RawGrid,
  planes: readonly PlaneSelection[],
  sampling: Sampling,
  memory: CellMemory,
  out: Float32Array,
): void {
  const { x, y, columns, rows } = sampling;
  const { best, corners } = memory;
  findWinners(grid, -Infinity, best);
  const margin = Math.log(Math.max(1, grid.channels - 1) / SATURATION_ERROR);
  const work = createWork(grid, planes, sampling, memory, out);
  for (let band = 0; band + 1 < rows.length; band++) {
    const [top = 0, bottom = 0] = [rows[band], rows[band + 1]];
    const row = y.index[top] ?? 0;
    for (let cell = 0; cell + 1 < columns.length; cell++) {
      const [left = 0, right = 0] = [columns[cell], columns[cell + 1]];
      const column = x.index[left] ?? 0;
      cornerWinners(best, grid, row * grid.width + column, corners);
      gatherCandidates(grid, column, row, corners, margin, work.candidates);
      decodeCell(work, { left, right, top, bottom });
    }
  }
}

interface Work extends Sampling {
  readonly planes: readonly PlaneSelection[];
  readonly candidates: Candidates;
  readonly out: Float32Array;
  /** For each candidate: its weight at the row's first pixel, and what that is multiplied by from pixel to pixel, from
   * row to row, and the pixel's factor itself from row to row. */
  readonly weight: Float64Array;
  readonly across: Float64Array;
  readonly down: Float64Array;
  readonly twist: Float64Array;
  /** One row of a cell: the weights of all candidates, and of the selected ones. */
  readonly all: Float64Array;
  readonly inside: Float64Array;
}

function createWork(
  { channels }: RawGrid,
  planes: readonly PlaneSelection[],
  sampling: Sampling,
  memory: CellMemory,
  out: Float32Array,
): Work {
  const perChannel = (): Float64Array => new Float64Array(channels);
  return {
    ...sampling,
    planes,
    candidates: memory.candidates,
    out,
    weight: perChannel(),
    across: perChannel(),
    down: perChannel(),
    twist: perChannel(),
    all: new Float64Array(sampling.width),
    inside: new Float64Array(sampling.width),
  };
}

/** The pixels of one cell. */
interface Cell {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function decodeCell(work: Work, cell: Cell): void {
  const { planes, candidates, width, height, out } = work;
  const { count, channel } = candidates;
  const { left, right, top, bottom } = cell;
  const fast = valueRange(candidates) < FAST_RANGE;
  planes.forEach((plane, index) => {
    let selected = 0;
    for (let k = 0; k < count; k++) selected += plane.channels[channel[k] ?? 0] ?? 0;
    if (selected === 0) return;
    const start = index * width * height;
    if (selected < count && fast) {
      progressCell(work, plane, cell, start);
      return;
    }
    for (let line = top; line < bottom; line++) {
      const row = start + line * width;
      if (selected === count) out.fill(1, row + left, row + right);
      else progressPixels(work, plane, cell, line, start);
    }
  });
}

/** One progression a pixel: nothing is multiplied, so nothing can overflow. */
function progressPixels(
  work: Work,
  plane: PlaneSelection,
  { left, right }: Cell,
  line: number,
  start: number,
): void {
  for (let pixel = left; pixel < right; pixel++) {
    progressCell(work, plane, { left: pixel, right: pixel + 1, top: line, bottom: line + 1 }, start);
  }
}

function valueRange({ count, corners }: Candidates): number {
  let least = Infinity;
  let most = -Infinity;
  for (const corner of corners) {
    for (let k = 0; k < count; k++) {
      least = Math.min(least, corner[k] ?? 0);
      most = Math.max(most, corner[k] ?? 0);
    }
  }
  return most - least;
}

/**
 * Inside a cell a bilinear value changes by equal steps along a row, so its exponential is a geometric progression: one
 * multiplication a pixel instead of one exp. The same holds down the columns for the first weight and for the factor.
 */
function progressCell(work: Work, plane: PlaneSelection, cell: Cell, start: number): void {
  const { candidates, weight, across, down, twist, all, inside, out, width } = work;
  const { left, right, top, bottom } = cell;
  const length = right - left;
  beginProgressions(work, cell);
  for (let line = top; line < bottom; line++) {
    all.fill(0, 0, length);
    inside.fill(0, 0, length);
    for (let k = 0; k < candidates.count; k++) {
      const selected = plane.channels[candidates.channel[k] ?? 0] === 1;
      addProgression(all, length, weight[k] ?? 0, across[k] ?? 0);
      if (selected) addProgression(inside, length, weight[k] ?? 0, across[k] ?? 0);
      weight[k] = (weight[k] ?? 0) * (down[k] ?? 0);
      across[k] = (across[k] ?? 0) * (twist[k] ?? 0);
    }
    const row = start + line * width + left;
    for (let i = 0; i < length; i++) out[row + i] = (inside[i] ?? 0) / (all[i] ?? 1);
  }
}

function addProgression(sums: Float64Array, length: number, first: number, factor: number): void {
  let value = first;
  for (let i = 0; i < length; i++) {
    sums[i] = (sums[i] ?? 0) + value;
    value *= factor;
  }
}

function beginProgressions(work: Work, { left, right, top, bottom }: Cell): void {
  const { candidates, weight, across, down, twist, x, y } = work;
  const { count, corners } = candidates;
  const [a, b, c, d] = corners;
  const fromX = x.fraction[left] ?? 0;
  const fromY = y.fraction[top] ?? 0;
  const stepX = ((x.fraction[right - 1] ?? 0) - fromX) / Math.max(1, right - left - 1);
  const stepY = ((y.fraction[bottom - 1] ?? 0) - fromY) / Math.max(1, bottom - top - 1);
  let greatest = -Infinity;
  for (let k = 0; k < count; k++) {
    const origin = a[k] ?? 0;
    const alongX = (b[k] ?? 0) - origin;
    const alongY = (c[k] ?? 0) - origin;
    const bend = (d[k] ?? 0) - (b[k] ?? 0) - alongY;
    weight[k] = origin + alongX * fromX + alongY * fromY + bend * fromX * fromY;
    greatest = Math.max(greatest, weight[k] ?? 0);
    across[k] = Math.exp((alongX + bend * fromY) * stepX);
    down[k] = Math.exp((alongY + bend * fromX) * stepY);
    twist[k] = Math.exp(bend * stepX * stepY);
  }
  for (let k = 0; k < count; k++) weight[k] = Math.exp((weight[k] ?? 0) - greatest);
}
