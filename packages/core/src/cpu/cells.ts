import type { AxisSamples, Size } from '../geometry.ts';
import type { RawGrid } from './raw-grid.ts';

/** The part of the wanted picture that the model saw, and how its pixels fall among the grid's samples. */
export interface Sampling {
  readonly width: number;
  readonly height: number;
  readonly x: AxisSamples;
  readonly y: AxisSamples;
  /** The first pixel of each cell along the axis, and at the end the first pixel that no cell holds. */
  readonly columns: Int32Array;
  readonly rows: Int32Array;
}

export function createSampling({ width, height }: Size, x: AxisSamples, y: AxisSamples): Sampling {
  return { width, height, x, y, columns: cellStarts(x), rows: cellStarts(y) };
}

/**
 * Where cells begin: runs of pixels between the same two samples, at equal steps. (Beyond the outermost samples pixels
 * are clamped to the edge of a cell: they stand still, and make a cell of their own.)
 */
function cellStarts({ begin, end, index, fraction }: AxisSamples): Int32Array {
  const starts: number[] = [];
  for (let pixel = begin; pixel < end; ) {
    starts.push(pixel);
    const first = pixel++;
    const step = (fraction[pixel] ?? 0) - (fraction[first] ?? 0);
    while (pixel < end && index[pixel] === index[first]) {
      if (Math.abs((fraction[pixel] ?? 0) - (fraction[pixel - 1] ?? 0) - step) > 1e-9) break;
      pixel++;
    }
  }
  return Int32Array.from([...starts, end]);
}

/**
 * The channels that can matter inside one cell, with their values at its corners: top left, top right, bottom left,
 * bottom right. Filled for each cell.
 */
export interface Candidates {
  count: number;
  readonly channel: Int32Array;
  readonly corners: readonly [Float64Array, Float64Array, Float64Array, Float64Array];
  /** Their values where one row of pixels enters and leaves the cell. */
  readonly start: Float64Array;
  readonly end: Float64Array;
}

function createCandidates(channels: number): Candidates {
  const array = (): Float64Array => new Float64Array(channels);
  const corners = [array(), array(), array(), array()] as const;
  return { count: 0, channel: new Int32Array(channels), corners, start: array(), end: array() };
}

/** Sets `start` and `end` for the row of pixels that lies `down` of the way from the upper samples to the lower. */
export function interpolateEdges({ count, corners, start, end }: Candidates, down: number): void {
  const [a, b, c, d] = corners;
  for (let k = 0; k < count; k++) {
    start[k] = lerp(a[k] ?? 0, c[k] ?? 0, down);
    end[k] = lerp(b[k] ?? 0, d[k] ?? 0, down);
  }
}

/**
 * Fills `out` with the channels of the cell at sample (column, row) that no single channel of `rivals` beats by more
 * than `margin` at all four corners. Within a cell the bilinear weights are not negative and sum to 1, so who is beaten
 * by the same rival at every corner is beaten everywhere inside. With margin 0 the lower channel wins a tie.
 */
export function gatherCandidates(
  grid: RawGrid,
  column: number,
  row: number,
  rivals: Int16Array,
  margin: number,
  out: Candidates,
): void {
  const { data, stepC } = grid;
  const a = row * grid.stepY + column * grid.stepX;
  const b = a + (grid.width > 1 ? grid.stepX : 0);
  const down = grid.height > 1 ? grid.stepY : 0;
  const [topLeft, topRight, bottomLeft, bottomRight] = out.corners;
  out.count = 0;
  for (let channel = 0; channel < grid.channels; channel++) {
    const at = channel * stepC;
    if (isBeaten(data, channel, at, a, b, down, rivals, stepC, margin)) continue;
    const slot = out.count++;
    out.channel[slot] = channel;
    topLeft[slot] = data[at + a] ?? 0;
    topRight[slot] = data[at + b] ?? 0;
    bottomLeft[slot] = data[at + a + down] ?? 0;
    bottomRight[slot] = data[at + b + down] ?? 0;
  }
}

function isBeaten(
  data: Float32Array,
  channel: number,
  at: number,
  a: number,
  b: number,
  down: number,
  rivals: Int16Array,
  stepC: number,
  margin: number,
): boolean {
  for (const rival of rivals) {
    if (rival < 0 || rival === channel) continue;
    const other = rival * stepC;
    const least = Math.min(
      (data[other + a] ?? 0) - (data[at + a] ?? 0),
      (data[other + b] ?? 0) - (data[at + b] ?? 0),
      (data[other + a + down] ?? 0) - (data[at + a + down] ?? 0),
      (data[other + b + down] ?? 0) - (data[at + b + down] ?? 0),
    );
    if (least > margin || (margin === 0 && least === 0 && rival < channel)) return true;
  }
  return false;
}

/**
 * The winners at the corners of the cell whose top left sample is `at` of `best`, into `out`: each once, else -1.
 */
export function cornerWinners(best: Int16Array, grid: Size, at: number, out: Int16Array): void {
  const right = grid.width > 1 ? 1 : 0;
  const down = grid.height > 1 ? grid.width : 0;
  const a = best[at] ?? -1;
  const b = best[at + right] ?? -1;
  const c = best[at + down] ?? -1;
  const d = best[at + down + right] ?? -1;
  out[0] = a;
  out[1] = b === a ? -1 : b;
  out[2] = c === a || c === b ? -1 : c;
  out[3] = d === a || d === b || d === c ? -1 : d;
}

/** Working memory of decoding by cells, kept from call to call: a steady frame allocates its result alone. */
export interface CellMemory {
  /** The best channel of each sample; see {@link findWinners}. */
  readonly best: Int16Array;
  /** The winners at one cell's corners. */
  readonly corners: Int16Array;
  readonly candidates: Candidates;
}

export function createCellMemory({ width, height, channels }: RawGrid): CellMemory {
  return {
    best: new Int16Array(width * height),
    corners: new Int16Array(4),
    candidates: createCandidates(channels),
  };
}

/** Sets the best channel of each sample; -1 where none reaches `least`. The lowest channel wins a tie. */
export function findWinners(grid: RawGrid, least: number, best: Int16Array): void {
  const { data, width, height, channels, stepC, stepX, stepY } = grid;
  for (let y = 0, slot = 0; y < height; y++) {
    for (let x = 0; x < width; x++, slot++) {
      let at = y * stepY + x * stepX;
      let value = data[at] ?? 0;
      let channel = 0;
      for (let next = 1; next < channels; next++) {
        at += stepC;
        const candidate = data[at] ?? 0;
        if (candidate > value) {
          value = candidate;
          channel = next;
        }
      }
      best[slot] = value >= least ? channel : -1;
    }
  }
}

export function lerp(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
