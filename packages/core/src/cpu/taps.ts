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
  const scale = length / size;
  const count = Math.min(length, scale > 1 ? Math.ceil(scale) + 1 : 2);
  const first = new Int32Array(size);
  const weights = new Float64Array(size * count);
  for (let index = 0; index < size; index++) {
    const centre = clamp((index + 0.5) * scale - 0.5, length - 1);
    const from = clamp(Math.floor(scale > 1 ? index * scale : centre), length - count);
    first[index] = from;
    for (let tap = 0; tap < count; tap++) {
      const at = from + tap;
      weights[index * count + tap] =
        scale > 1
          ? overlap(index * scale, (index + 1) * scale, at) / scale
          : Math.max(0, 1 - Math.abs(centre - at));
    }
  }
  return { size, count, first, weights };
}

/** How much of the pixel from `at` to `at + 1` lies between `from` and `to`. */
function overlap(from: number, to: number, at: number): number {
  return Math.max(0, Math.min(to, at + 1) - Math.max(from, at));
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(0, value));
}
