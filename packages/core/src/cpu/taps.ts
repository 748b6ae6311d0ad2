import { areaEdges } from './shrink.ts';

/**
 * How each pixel of one axis of the model's input is made of source pixels: `count` of them from `first[i]` on, with
 * the weights `weights[i * count]` and following, which sum to 1.
 */
export interface Taps {
  readonly size: number;
  readonly count: number;
  readonly first: Int32Array;
  readonly weights: Float64Array;
}

/**
 * Taps that bring `length` source pixels to `size` pixels: the area filter where the axis shrinks (bilinear alone skips
 * pixels there and costs accuracy), bilinear by pixel centres where it grows.
 */
export function createTaps(length: number, size: number): Taps {
  return length > size ? areaTaps(length, size) : bilinearTaps(length, size);
}

function areaTaps(length: number, size: number): Taps {
  const edges = areaEdges(length, size);
  const count = Math.ceil(length / size) + 1;
  const weights = new Float64Array(size * count);
  for (let index = 0; index < size; index++) {
    const run = (edges[index + 1] ?? 0) - (edges[index] ?? 0);
    weights.fill(1 / run, index * count, index * count + run);
  }
  return { size, count, first: edges.subarray(0, size), weights };
}

function bilinearTaps(length: number, size: number): Taps {
  const count = Math.min(length, 2);
  const first = new Int32Array(size);
  const weights = new Float64Array(size * count);
  for (let index = 0; index < size; index++) {
    const centre = Math.min(length - 1, Math.max(0, ((index + 0.5) * length) / size - 0.5));
    const from = Math.min(length - count, Math.floor(centre));
    first[index] = from;
    for (let tap = 0; tap < count; tap++) {
      weights[index * count + tap] = Math.max(0, 1 - Math.abs(centre - from - tap));
    }
  }
  return { size, count, first, weights };
}
