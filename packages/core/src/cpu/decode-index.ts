import type { OutputRecipe } from '../card.ts';
import { SegmentError } from '../errors.ts';
import type { TypedArray } from '../tensor.ts';
import type { Sampling } from './cells.ts';

/**
 * Class indexes that the network chose itself, resampled by the nearest sample. `out` is [height, width], zeros.
 *
 * @throws SegmentError `invalid-card` for an index that the card has no label for
 */
export function decodeIndexes(
  raw: TypedArray,
  { size, name }: OutputRecipe,
  labelCount: number,
  { width, x, y }: Sampling,
  out: Uint8Array,
): void {
  const { values, step } = lowWords(raw);
  let highest = 0;
  for (let line = y.begin; line < y.end; line++) {
    const row = nearest(y.index[line] ?? 0, y.fraction[line] ?? 0) * size.width;
    for (let pixel = x.begin; pixel < x.end; pixel++) {
      const value = values[(row + nearest(x.index[pixel] ?? 0, x.fraction[pixel] ?? 0)) * step] ?? 0;
      if (value >>> 0 > highest) highest = value >>> 0; // below zero: huge
      out[line * width + pixel] = value;
    }
  }
  if (highest >= labelCount) {
    throw new SegmentError(
      'invalid-card',
      `the model's output "${name}" holds class indexes without a label`,
      {
        expected: `0 to ${labelCount - 1}`,
        received: `${highest}`,
      },
    );
  }
}

function nearest(index: number, fraction: number): number {
  return fraction < 0.5 ? index : index + 1;
}

/** int64 as the low halves of its words: making a bigint for each pixel would be ten times as slow. */
function lowWords(raw: TypedArray): { values: Exclude<TypedArray, BigInt64Array>; step: number } {
  if (!(raw instanceof BigInt64Array)) return { values: raw, step: 1 };
  return { values: new Int32Array(raw.buffer, raw.byteOffset, raw.length * 2), step: 2 };
}
