import {
  type Candidates,
  cellEnd,
  createCandidates,
  gatherCandidates,
  type Sampling,
  winners,
} from './cells.ts';
import type { RawGrid } from './raw-grid.ts';

/**
 * The class of each pixel: the channel that wins after bilinear interpolation, as its label; label 0 where none reaches
 * `least` and where the model saw nothing. `out` is [height, width] and comes in as zeros.
 *
 * Exact and fast: a channel that wins at all four corners of a cell wins everywhere in it, so whole cells are filled,
 * and only cells on a boundary compare the two or three channels that are left.
 */
export function decodeClasses(
  grid: RawGrid,
  labels: Uint8Array,
  least: number,
  { width, x, y, height }: Sampling,
  out: Uint8Array,
): void {
  if ((x.end - x.begin) * (y.end - y.begin) <= grid.width * grid.height) {
    decodeEachPixel(grid, labels, least, { width, x, y, height }, out);
    return;
  }
  const best = winners(grid, least);
  const candidates = createCandidates(grid.channels);
  for (let top = y.begin; top < y.end; ) {
    const bottom = cellEnd(y, top);
    decodeBand({ grid, labels, least, width, x, y, height, best, candidates, out }, top, bottom);
    top = bottom;
  }
}

interface Work extends Sampling {
  readonly grid: RawGrid;
  readonly labels: Uint8Array;
  readonly least: number;
  readonly best: Int16Array;
  readonly candidates: Candidates;
  readonly out: Uint8Array;
}

/** All rows between two rows of samples: uniform cells once, then copied down; boundary cells row by row. */
function decodeBand(work: Work, top: number, bottom: number): void {
  const { x, width, out } = work;
  const mixed: number[] = [];
  const firstRow = top * width;
  for (let left = x.begin; left < x.end; ) {
    const right = cellEnd(x, left);
    const winner = uniformWinner(work, left, top);
    if (winner === MIXED) mixed.push(left);
    else if (winner >= 0) out.fill(work.labels[winner] ?? 0, firstRow + left, firstRow + right);
    left = right;
  }
  for (let row = top + 1; row < bottom; row++) {
    out.copyWithin(row * width + x.begin, firstRow + x.begin, firstRow + x.end);
  }
  for (const left of mixed) decodeMixedCell(work, left, cellEnd(x, left), top, bottom);
}

const MIXED = -2;

/** The channel that wins at all four corners, -1 where none reaches the threshold at any, or MIXED. */
function uniformWinner({ grid, best, x, y }: Work, left: number, top: number): number {
  const at = (y.index[top] ?? 0) * grid.width + (x.index[left] ?? 0);
  const right = grid.width > 1 ? 1 : 0;
  const down = grid.height > 1 ? grid.width : 0;
  const winner = best[at] ?? -1;
  const same =
    winner === best[at + right] && winner === best[at + down] && winner === best[at + down + right];
  return same ? winner : MIXED;
}

function decodeMixedCell(work: Work, left: number, right: number, top: number, bottom: number): void {
  const { grid, best, x, y, candidates } = work;
  const column = x.index[left] ?? 0;
  const row = y.index[top] ?? 0;
  const at = row * grid.width + column;
  const stepRight = grid.width > 1 ? 1 : 0;
  const stepDown = grid.height > 1 ? grid.width : 0;
  const rivals = [at, at + stepRight, at + stepDown, at + stepDown + stepRight].map(
    (slot) => best[slot] ?? -1,
  );
  gatherCandidates(grid, column, row, rivals, 0, candidates);
  for (let line = top; line < bottom; line++) {
    if (candidates.count === 2 && work.least === Number.NEGATIVE_INFINITY)
      compareTwo(work, left, right, line);
    else compareAll(work, left, right, line);
  }
}

/** Two channels left, no threshold: along a row their difference is a straight line. */
function compareTwo(
  { candidates, labels, x, y, width, out }: Work,
  left: number,
  right: number,
  line: number,
): void {
  const down = y.fraction[line] ?? 0;
  const [a, b, c, d] = candidates.corners;
  const start = lerp(a[0] ?? 0, c[0] ?? 0, down) - lerp(a[1] ?? 0, c[1] ?? 0, down);
  const end = lerp(b[0] ?? 0, d[0] ?? 0, down) - lerp(b[1] ?? 0, d[1] ?? 0, down);
  const first = labels[candidates.channel[0] ?? 0] ?? 0;
  const second = labels[candidates.channel[1] ?? 0] ?? 0;
  for (let pixel = left; pixel < right; pixel++) {
    out[line * width + pixel] = start + (end - start) * (x.fraction[pixel] ?? 0) >= 0 ? first : second;
  }
}

function compareAll(
  { candidates, labels, least, x, y, width, out }: Work,
  left: number,
  right: number,
  line: number,
): void {
  const down = y.fraction[line] ?? 0;
  const { count, channel, corners } = candidates;
  const [a, b, c, d] = corners;
  for (let pixel = left; pixel < right; pixel++) {
    const along = x.fraction[pixel] ?? 0;
    let value = Number.NEGATIVE_INFINITY;
    let winner = 0;
    for (let k = 0; k < count; k++) {
      const start = lerp(a[k] ?? 0, c[k] ?? 0, down);
      const candidate = lerp(start, lerp(b[k] ?? 0, d[k] ?? 0, down), along);
      if (candidate > value) {
        value = candidate;
        winner = k;
      }
    }
    out[line * width + pixel] = value >= least ? (labels[channel[winner] ?? 0] ?? 0) : 0;
  }
}

/** For outputs no larger than the grid, where a cell holds at most a pixel. */
function decodeEachPixel(
  grid: RawGrid,
  labels: Uint8Array,
  least: number,
  { width, x, y }: Sampling,
  out: Uint8Array,
): void {
  const { data, channels, stepC } = grid;
  const right = grid.width > 1 ? grid.stepX : 0;
  const below = grid.height > 1 ? grid.stepY : 0;
  for (let line = y.begin; line < y.end; line++) {
    const down = y.fraction[line] ?? 0;
    for (let pixel = x.begin; pixel < x.end; pixel++) {
      const along = x.fraction[pixel] ?? 0;
      let at = (y.index[line] ?? 0) * grid.stepY + (x.index[pixel] ?? 0) * grid.stepX;
      let value = Number.NEGATIVE_INFINITY;
      let winner = 0;
      for (let channel = 0; channel < channels; channel++, at += stepC) {
        let candidate = data[at] ?? 0;
        if (along !== 0 || down !== 0) {
          const top = lerp(candidate, data[at + right] ?? 0, along);
          candidate = lerp(top, lerp(data[at + below] ?? 0, data[at + below + right] ?? 0, along), down);
        }
        if (candidate > value) {
          value = candidate;
          winner = channel;
        }
      }
      out[line * width + pixel] = value >= least ? (labels[winner] ?? 0) : 0;
    }
  }
}

function lerp(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
