import { isSegmentError, type SegmentErrorCode, type TypedArray } from '@seg/core';
import { largestDifference } from '../tolerances.ts';

/** Throws an Error with `message` unless `condition` holds. */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Throws where two arrays differ by more than `tolerance` in any place. */
export function checkEqual(actual: TypedArray, expected: TypedArray, what: string, tolerance = 0): void {
  check(actual.length === expected.length, `${what}: ${actual.length} elements, expected ${expected.length}`);
  const difference = largestDifference(actual, expected);
  check(difference <= tolerance, `${what}: differs by ${difference}, at most ${tolerance} is allowed`);
}

/** Throws unless the promise rejects with one of the codes. */
export async function checkRejects(
  work: Promise<unknown>,
  codes: readonly SegmentErrorCode[],
  what: string,
): Promise<void> {
  const error = await rejection(work, what);
  check(isSegmentError(error), `${what}: rejected with ${String(error)}, which is no SegmentError`);
  check(
    codes.includes(error.code),
    `${what}: rejected with ${error.code} (${error.message}), expected ${codes.join(' or ')}`,
  );
  check(error.message.length > 0, `${what}: an error without a message`);
}

/** Throws unless the promise rejects with `reason` itself. */
export async function checkAborts(work: Promise<unknown>, reason: unknown, what: string): Promise<void> {
  const error = await rejection(work, what);
  check(error === reason, `${what}: rejected with ${String(error)}, not with signal.reason`);
}

async function rejection(work: Promise<unknown>, what: string): Promise<unknown> {
  let result: unknown;
  try {
    result = await work;
  } catch (error) {
    return error;
  }
  throw new Error(`${what}: resolved (${String(result)}), but had to reject`);
}
