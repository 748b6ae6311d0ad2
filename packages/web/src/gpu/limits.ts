import { SegmentError } from '@seg/core';
import type { GpuLimits } from './types.ts';

/** Names of `GPUSupportedLimits` and what is needed of each. */
export type RequiredLimits = Readonly<Record<string, number>>;

/**
 * Holds limits against what is needed. `what` is whose limits they are. Alignments (`min...`) are met by smaller values.
 *
 * @throws SegmentError `unsupported`, which names each limit that is not met, what is there and what is needed
 */
export function requireLimits(limits: GpuLimits, required: RequiredLimits, what: string): void {
  const missing = Object.entries(required).flatMap(([name, needed]) => {
    const offered: unknown = Reflect.get(limits, name);
    if (typeof offered !== 'number') return [{ name, offered: 'unknown here', needed }];
    const isMet = name.startsWith('min') ? offered <= needed : offered >= needed;
    return isMet ? [] : [{ name, offered: String(offered), needed }];
  });
  if (missing.length === 0) return;
  throw new SegmentError('unsupported', `the limits of ${what}`, {
    expected: missing.map(({ name, needed }) => `${name} ${needed}`).join(', '),
    received: missing.map(({ name, offered }) => `${name} ${offered}`).join(', '),
    hint: 'Use a smaller model or picture, or a runtime that computes by wasm.',
  });
}
