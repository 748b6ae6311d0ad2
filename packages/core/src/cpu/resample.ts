import type { Rect } from '../geometry.ts';
import type { Pixels } from './pixels.ts';
import { createShrinker } from './shrink.ts';
import { createTaps, type Taps } from './taps.ts';

/** Resamples a region of upright pixels and hands out one row of r, g, b values (0 to 255, not rounded) at a time. */
export type Resampler = (pixels: Pixels, onRow: (row: Float64Array, y: number) => void) => void;

/**
 * Brings a region to a fixed size: per axis the area filter where it shrinks, bilinear where it grows. Keeps its
 * working memory for the next picture.
 */
export function createResampler(region: Rect, width: number, height: number): Resampler {
  const shrinks = region.width > width && region.height > height;
  return shrinks ? createShrinker(region, width, height) : createTapResampler(region, width, height);
}

/** Any pair of axes, by separable taps, rows first. Small pictures come this way: nothing is worth keeping. */
function createTapResampler(region: Rect, width: number, height: number): Resampler {
  const across = createTaps(region.width, width);
  const down = createTaps(region.height, height);
  const row = new Float64Array(width * 3);
  const sum = new Float64Array(width * 3);
  return (pixels, onRow) => {
    const corner = pixels.origin + region.x * pixels.stepX + region.y * pixels.stepY;
    for (let y = 0; y < height; y++) {
      sum.fill(0);
      for (let tap = 0; tap < down.count; tap++) {
        const weight = down.weights[y * down.count + tap] ?? 0;
        if (weight === 0) continue;
        resampleRow(pixels, corner + ((down.first[y] ?? 0) + tap) * pixels.stepY, across, row);
        for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (row[i] ?? 0) * weight;
      }
      onRow(sum, y);
    }
  };
}

function resampleRow({ data, stepX }: Pixels, start: number, taps: Taps, out: Float64Array): void {
  const { size, count, first, weights } = taps;
  for (let x = 0, w = 0; x < size; x++) {
    let at = start + (first[x] ?? 0) * stepX;
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
