import type { ModelVariant, TypedArray } from '@seg/core';

/** The least share of pixels that must have the reference's class (ARCHITECTURE, section 4, rule 10). */
export const tolerances: Readonly<Record<ModelVariant['precision'], number>> = {
  float32: 0.999,
  float16: 0.99,
  int8: 0.99,
  uint8: 0.99,
  lut8: 0.99,
};

/** The share of elements that are equal, 0 to 1. Throws a RangeError where the lengths differ or are 0. */
export function agreement(a: TypedArray, b: TypedArray): number {
  if (a.length !== b.length || a.length === 0) {
    throw new RangeError(`agreement of ${a.length} elements with ${b.length}`);
  }
  let equal = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) equal++;
  return equal / a.length;
}

/** The largest difference between two elements at the same place. Throws a RangeError where the lengths differ. */
export function largestDifference(a: TypedArray, b: TypedArray): number {
  if (a.length !== b.length) throw new RangeError(`difference of ${a.length} elements and ${b.length}`);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(Number(a[i]) - Number(b[i])));
  return largest;
}
