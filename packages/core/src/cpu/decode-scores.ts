import type { Sampling } from './cells.ts';
import type { RawGrid } from './raw-grid.ts';

/** Which channels make up one score plane. */
export interface PlaneSelection {
  /** For each channel 1 where it is selected, else 0. */
  readonly channels: Uint8Array;
  /** Independent classes only: a label without a channel (the background) is selected; it scores 1 - the best channel. */
  readonly rest: boolean;
}

/** How the interpolated channels of one pixel become its score. */
type Activate = (value: number) => number;

const identity: Activate = (value) => value;
const sigmoid: Activate = (value) => 1 / (1 + Math.exp(-value));

/** Exclusive probabilities: their sum over the selected channels, then interpolated (the order does not matter). */
export function decodeProbabilities(
  grid: RawGrid,
  planes: readonly PlaneSelection[],
  sampling: Sampling,
  out: Float32Array,
): void {
  planes.forEach((plane, index) => {
    const sums = new Float32Array(grid.width * grid.height);
    for (let channel = 0; channel < grid.channels; channel++) {
      if (plane.channels[channel] === 1) addChannel(grid, channel, sums);
    }
    const area = sampling.width * sampling.height;
    interpolateMax(
      planeGrid(sums, grid),
      ALL,
      identity,
      sampling,
      out.subarray(index * area, (index + 1) * area),
    );
  });
}

/** Independent channels: interpolates, activates, and takes the maximum over the selected channels. */
export function decodeIndependent(
  grid: RawGrid,
  planes: readonly PlaneSelection[],
  values: 'logits' | 'probabilities',
  sampling: Sampling,
  out: Float32Array,
): void {
  const activate = values === 'logits' ? sigmoid : identity;
  const area = sampling.width * sampling.height;
  planes.forEach((plane, index) => {
    const target = out.subarray(index * area, (index + 1) * area);
    interpolateMax(grid, plane.channels, activate, sampling, target);
    if (!plane.rest) return;
    const best = new Float32Array(area);
    interpolateMax(grid, ALL, activate, sampling, best);
    forSeen(sampling, (at) => {
      target[at] = Math.max(target[at] ?? 0, 1 - (best[at] ?? 0));
    });
  });
}

const ALL = null;

/** For each pixel the activated maximum of the interpolated channels that `selected` marks (null: all of them). */
function interpolateMax(
  grid: RawGrid,
  selected: Uint8Array | null,
  activate: Activate,
  { width, x, y }: Sampling,
  out: Float32Array,
): void {
  const channels = [...Array(grid.channels).keys()].filter(
    (channel) => selected === null || selected[channel] === 1,
  );
  const rows = channels.map(() => new Float64Array(grid.width));
  for (let line = y.begin; line < y.end; line++) {
    channels.forEach((channel, index) => {
      const row = rows[index];
      if (row !== undefined) interpolateDown(grid, channel, y.index[line] ?? 0, y.fraction[line] ?? 0, row);
    });
    for (let pixel = x.begin; pixel < x.end; pixel++) {
      const at = x.index[pixel] ?? 0;
      const along = x.fraction[pixel] ?? 0;
      let best = Number.NEGATIVE_INFINITY;
      for (const row of rows) {
        const from = row[at] ?? 0;
        const value = along === 0 ? from : lerp(from, row[at + 1] ?? 0, along);
        if (value > best) best = value;
      }
      out[line * width + pixel] = best === Number.NEGATIVE_INFINITY ? 0 : activate(best);
    }
  }
}

function interpolateDown(grid: RawGrid, channel: number, row: number, down: number, out: Float64Array): void {
  const { data, stepX } = grid;
  let at = channel * grid.stepC + row * grid.stepY;
  const below = down === 0 ? 0 : grid.stepY;
  for (let x = 0; x < grid.width; x++, at += stepX) {
    out[x] = lerp(data[at] ?? 0, data[at + below] ?? 0, down);
  }
}

function addChannel(
  { data, width, height, stepC, stepX, stepY }: RawGrid,
  channel: number,
  sums: Float32Array,
): void {
  for (let y = 0, slot = 0; y < height; y++) {
    for (let x = 0; x < width; x++, slot++) {
      sums[slot] = (sums[slot] ?? 0) + (data[channel * stepC + y * stepY + x * stepX] ?? 0);
    }
  }
}

function planeGrid(data: Float32Array, { width, height }: RawGrid): RawGrid {
  return { data, width, height, channels: 1, stepC: width * height, stepX: 1, stepY: width };
}

function forSeen({ width, x, y }: Sampling, visit: (at: number) => void): void {
  for (let line = y.begin; line < y.end; line++) {
    for (let pixel = x.begin; pixel < x.end; pixel++) visit(line * width + pixel);
  }
}

function lerp(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
