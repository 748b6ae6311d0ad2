import type { Pixels } from './pixels.ts';
import type { Taps } from './taps.ts';

/**
 * Resamples upright pixels by separable taps and hands out one row of r, g, b values (0 to 255, not rounded) at a time.
 * Horizontal first: it reads each source byte once and leaves little for the vertical pass.
 */
export function resample(
  pixels: Pixels,
  tapsX: Taps,
  tapsY: Taps,
  onRow: (row: Float32Array, y: number) => void,
): void {
  const sum = new Float32Array(tapsX.size * 3);
  const rows = createRowCache(pixels, tapsX);
  for (let y = 0; y < tapsY.size; y++) {
    sum.fill(0);
    for (let tap = 0; tap < tapsY.count; tap++) {
      const weight = tapsY.weights[y * tapsY.count + tap] ?? 0;
      if (weight > 0) addRow(sum, rows((tapsY.first[y] ?? 0) + tap), weight);
    }
    onRow(sum, y);
  }
}

function addRow(sum: Float32Array, row: Float32Array, weight: number): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (row[i] ?? 0) * weight;
}

/** Horizontally resampled source rows; the last two are kept, which is all that neighbouring output rows share. */
function createRowCache(pixels: Pixels, taps: Taps): (y: number) => Float32Array {
  let newest = { y: -1, row: new Float32Array(taps.size * 3) };
  let older = { y: -1, row: new Float32Array(taps.size * 3) };
  return (y) => {
    if (newest.y === y) return newest.row;
    [newest, older] = [older, newest];
    if (newest.y !== y) {
      newest.y = y;
      resampleRow(pixels, y, taps, newest.row);
    }
    return newest.row;
  };
}

function resampleRow({ data, origin, stepX, stepY }: Pixels, y: number, taps: Taps, out: Float32Array): void {
  const { size, count, first, weights } = taps;
  const row = origin + y * stepY;
  for (let x = 0, w = 0; x < size; x++) {
    let at = row + (first[x] ?? 0) * stepX;
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let tap = 0; tap < count; tap++, w++, at += stepX) {
      const weight = weights[w] ?? 0;
      red += (data[at] ?? 0) * weight;
      green += (data[at + 1] ?? 0) * weight;
      blue += (data[at + 2] ?? 0) * weight;
    }
    out[x * 3] = red;
    out[x * 3 + 1] = green;
    out[x * 3 + 2] = blue;
  }
}
