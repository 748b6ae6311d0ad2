import { lerp, type Sampling } from './cells.ts';
import type { RawGrid } from './raw-grid.ts';

/** Which channels make up one score plane. */
export interface PlaneSelection {
  /** For each channel 1 where it is selected, else 0. */
  readonly channels: Uint8Array;
  /** Independent classes only: a label without a channel (the background) is selected; it scores 1 - the best channel. */
  readonly rest: boolean;
}

/** What makes one score out of a pixel's interpolated channels. */
export interface Activation {
  /** Independent channels count by their maximum, exclusive probabilities by their sum. */
  readonly combine: (sum: number, value: number) => number;
  readonly activate: (value: number) => number;
}

export const ACTIVATIONS = {
  /** Exclusive probabilities. */
  sum: { combine: (sum, value) => sum + value, activate: (value) => value },
  /** Independent probabilities. */
  maximum: { combine: Math.max, activate: (value) => value },
  /** Independent logits: sigmoid after the maximum, which it does not change. */
  sigmoid: { combine: Math.max, activate: (value) => 1 / (1 + Math.exp(-value)) },
} satisfies Record<string, Activation>;

/**
 * Every pixel's interpolated channels, combined and activated; softmax has a file of its own. `out` is
 * [planes, height, width] and comes in as zeros.
 */
export function decodeScores(
  grid: RawGrid,
  planes: readonly PlaneSelection[],
  activation: Activation,
  sampling: Sampling,
  out: Float32Array,
): void {
  const { x, y, width, height } = sampling;
  const all = Array.from({ length: grid.channels }, () => new Float64Array(grid.width));
  for (let line = y.begin; line < y.end; line++) {
    all.forEach((row, channel) => {
      interpolateDown(grid, channel, y.index[line] ?? 0, y.fraction[line] ?? 0, row);
    });
    planes.forEach((plane, index) => {
      const rows = all.filter((_, channel) => plane.channels[channel] === 1);
      const start = (index * height + line) * width;
      for (let pixel = x.begin; pixel < x.end; pixel++) {
        const at = x.index[pixel] ?? 0;
        const along = x.fraction[pixel] ?? 0;
        const score = rows.length === 0 ? 0 : scoreAt(rows, activation, at, along);
        out[start + pixel] = plane.rest ? Math.max(score, 1 - scoreAt(all, activation, at, along)) : score;
      }
    });
  }
}

function scoreAt(
  rows: readonly Float64Array[],
  { combine, activate }: Activation,
  at: number,
  along: number,
): number {
  let score: number | null = null;
  for (const row of rows) {
    const from = row[at] ?? 0;
    const value = along === 0 ? from : lerp(from, row[at + 1] ?? 0, along);
    score = score === null ? value : combine(score, value);
  }
  return activate(score ?? 0);
}

/** One channel between two rows of samples. */
function interpolateDown(grid: RawGrid, channel: number, row: number, down: number, out: Float64Array): void {
  const { data, stepX } = grid;
  let at = channel * grid.stepC + row * grid.stepY;
  const below = down === 0 ? 0 : grid.stepY;
  for (let x = 0; x < grid.width; x++, at += stepX) {
    out[x] = lerp(data[at] ?? 0, data[at + below] ?? 0, down);
  }
}
