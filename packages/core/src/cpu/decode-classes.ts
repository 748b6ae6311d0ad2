import {
  type CellMemory,
  cornerWinners,
  findWinners,
  gatherCandidates,
  interpolateEdges,
  lerp,
  type Sampling,
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
  sampling: Sampling,
  memory: CellMemory,
  out: Uint8Array,
): void {
  const { x, y, rows } = sampling;
  if ((x.end - x.begin) * (y.end - y.begin) <= grid.width * grid.height) {
    decodeEachPixel(grid, labels, least, sampling, out);
    return;
  }
  findWinners(grid, least, memory.best);
  const work = { ...sampling, ...memory, grid, labels, least, mixed: [], out };
  for (let band = 0; band + 1 < rows.length; band++) decodeBand(work, rows[band] ?? 0, rows[band + 1] ?? 0);
}

interface Work extends Sampling, CellMemory {
  readonly grid: RawGrid;
  readonly labels: Uint8Array;
  readonly least: number;
  /** The boundary cells of one band, by their columns. */
  readonly mixed: number[];
  readonly out: Uint8Array;
}

/** All rows between two rows of samples: uniform cells once, then copied down; boundary cells by themselves. */
function decodeBand(work: Work, top: number, bottom: number): void {
  const { x, y, columns, width, grid, best, labels, mixed, out } = work;
  const row = (y.index[top] ?? 0) * grid.width;
  const right = grid.width > 1 ? 1 : 0;
  const down = grid.height > 1 ? grid.width : 0;
  mixed.length = 0;
  let filled = x.begin; // where the run of cells begins that share `label`
  let label = 0;
  for (let column = 0; column + 1 < columns.length; column++) {
    const left = columns[column] ?? 0;
    const at = row + (x.index[left] ?? 0);
    const winner = best[at] ?? -1;
    if (winner !== best[at + right] || winner !== best[at + down] || winner !== best[at + down + right]) {
      mixed.push(column); // written over afterwards
      continue;
    }
    const next = winner < 0 ? 0 : (labels[winner] ?? 0);
    if (next === label) continue;
    out.fill(label, top * width + filled, top * width + left);
    filled = left;
    label = next;
  }
  out.fill(label, top * width + filled, top * width + x.end);
  for (let line = top + 1; line < bottom; line++) {
    out.copyWithin(line * width + x.begin, top * width + x.begin, top * width + x.end);
  }
  for (const column of mixed) decodeMixedCell(work, column, top, bottom);
}

function decodeMixedCell(work: Work, column: number, top: number, bottom: number): void {
  const { grid, best, corners, columns, x, y, candidates } = work;
  const left = columns[column] ?? 0;
  const right = columns[column + 1] ?? 0;
  const sampleX = x.index[left] ?? 0;
  const sampleY = y.index[top] ?? 0;
  cornerWinners(best, grid, sampleY * grid.width + sampleX, corners);
  gatherCandidates(grid, sampleX, sampleY, corners, 0, candidates);
  for (let line = top; line < bottom; line++) decodeMixedRow(work, left, right, line);
}

function decodeMixedRow(work: Work, left: number, right: number, line: number): void {
  const { candidates, labels, least, x, width, out } = work;
  const { count, channel, start, end } = candidates;
  interpolateEdges(candidates, work.y.fraction[line] ?? 0);
  for (let pixel = left; pixel < right; pixel++) {
    const along = x.fraction[pixel] ?? 0;
    let value = -Infinity;
    let winner = 0;
    for (let k = 0; k < count; k++) {
      const candidate = lerp(start[k] ?? 0, end[k] ?? 0, along);
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
      let value = -Infinity;
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
