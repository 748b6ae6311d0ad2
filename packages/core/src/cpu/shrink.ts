import type { Rect } from '../geometry.ts';
import type { Pixels } from './pixels.ts';

/**
 * The area filter along one shrinking axis, as a walk: output i takes `run[i]` whole pixels, then the share `part[i]` of
 * the next one, whose rest goes to output i + 1. So every source pixel is met once.
 */
interface Walk {
  readonly size: number;
  readonly scale: number;
  readonly run: Int32Array;
  readonly part: Float64Array;
}

function createWalk(length: number, size: number): Walk {
  const scale = length / size;
  const walk: Walk = { size, scale, run: new Int32Array(size), part: new Float64Array(size) };
  let next = 0;
  for (let index = 0; index < size; index++) {
    // the last output ends with the whole last pixel; elsewhere a boundary that hits a pixel's edge takes none of it
    const border = index === size - 1 ? length : (index + 1) * scale;
    const split = Math.min(length - 1, Math.floor(border + 1e-9));
    walk.run[index] = split - next;
    walk.part[index] = Math.max(0, border - split);
    next = split + 1;
  }
  return walk;
}

/** Resamples a region that shrinks on both axes: the way of nearly every photo, and twice as fast as general taps. */
export function createShrinker(
  region: Rect,
  width: number,
  height: number,
): (pixels: Pixels, onRow: (row: Float64Array, y: number) => void) => void {
  const across = createWalk(region.width, width);
  const down = createWalk(region.height, height);
  const share = 1 / (across.scale * down.scale);
  const sum = new Float64Array(width * 3);
  const split = new Float64Array(width * 3);
  const row = new Float64Array(width * 3);
  return ({ data, origin, stepX, stepY }, onRow) => {
    let at = origin + region.x * stepX + region.y * stepY;
    sum.fill(0);
    for (let y = 0; y < height; y++) {
      for (let whole = down.run[y] ?? 0; whole > 0; whole--, at += stepY)
        addRow(data, at, stepX, across, sum);
      split.fill(0);
      addRow(data, at, stepX, across, split);
      at += stepY;
      divideRow(split, down.part[y] ?? 0, share, sum, row);
      onRow(row, y);
    }
  };
}

/** Adds one source row to the outputs: whole pixels as whole numbers, the divided ones by their shares. */
function addRow(data: Pixels['data'], start: number, stepX: number, walk: Walk, sum: Float64Array): void {
  const { size, run, part } = walk;
  let red = 0;
  let green = 0;
  let blue = 0;
  let at = start;
  for (let x = 0, to = 0; x < size; x++, to += 3) {
    let r = 0;
    let g = 0;
    let b = 0;
    for (let whole = run[x] ?? 0; whole > 0; whole--, at += stepX) {
      // "| 0" keeps the sums whole numbers for the engine too
      r = (r + (data[at] ?? 0)) | 0;
      g = (g + (data[at + 1] ?? 0)) | 0;
      b = (b + (data[at + 2] ?? 0)) | 0;
    }
    const taken = part[x] ?? 0;
    const left = 1 - taken;
    const splitRed = data[at] ?? 0;
    const splitGreen = data[at + 1] ?? 0;
    const splitBlue = data[at + 2] ?? 0;
    at += stepX;
    sum[to] = (sum[to] ?? 0) + (red + r + splitRed * taken);
    sum[to + 1] = (sum[to + 1] ?? 0) + (green + g + splitGreen * taken);
    sum[to + 2] = (sum[to + 2] ?? 0) + (blue + b + splitBlue * taken);
    red = splitRed * left;
    green = splitGreen * left;
    blue = splitBlue * left;
  }
}

/** Ends an output row with its part of a divided source row, and begins the next with the rest. */
function divideRow(
  split: Float64Array,
  taken: number,
  share: number,
  sum: Float64Array,
  row: Float64Array,
): void {
  for (let i = 0; i < row.length; i++) {
    const value = split[i] ?? 0;
    row[i] = ((sum[i] ?? 0) + value * taken) * share;
    sum[i] = value * (1 - taken);
  }
}
