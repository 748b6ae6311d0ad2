import { SegmentError } from '@seg/core';

/** True where WebAssembly may use threads: cross-origin isolated pages and their workers, and Node. */
export function canUseThreads(): boolean {
  // Node has shared memory and no such word
  return typeof SharedArrayBuffer !== 'undefined' && globalThis.crossOriginIsolated !== false;
}

/** Refuses what is no number of threads at all. @throws SegmentError `invalid-input` */
export function requireThreads(threads: number | undefined): void {
  if (threads === undefined || (Number.isInteger(threads) && threads > 0)) return;
  throw new SegmentError('invalid-input', 'threads', {
    expected: 'a whole number from 1',
    received: `${threads}`,
  });
}

/**
 * Refuses a number of threads that a page cannot have.
 *
 * @throws SegmentError `invalid-input` (no whole number from 1), `unsupported` (more than one without cross-origin isolation)
 */
export function requireIsolation(threads: number | undefined): void {
  requireThreads(threads);
  if (threads === undefined) return;
  if (threads === 1 || canUseThreads()) return;
  const isolated = globalThis.crossOriginIsolated;
  const why = isolated ? 'this browser has no SharedArrayBuffer' : 'this page is not cross-origin isolated';
  throw new SegmentError('unsupported', `threads: ${why}`, {
    expected: '1, or the default',
    received: `${threads}`,
    ...(!isolated && { hint: ISOLATE }),
  });
}

const ISOLATE =
  'Threads need the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp.';

/** Half of the cores, 1 to 4, as the vendors choose: more slow each other down. One where there can be no more. */
export function defaultThreads(): number {
  if (!canUseThreads()) return 1;
  const cores = globalThis.navigator?.hardwareConcurrency ?? 1;
  return Math.min(4, Math.max(1, Math.floor(cores / 2)));
}

/**
 * Refuses a place where WebAssembly cannot be compiled: none at all, or a Content-Security-Policy that forbids it.
 *
 * @throws SegmentError `unsupported`
 */
export function requireWasm(): void {
  try {
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)); // the smallest there is
  } catch (cause) {
    throw new SegmentError('unsupported', 'WebAssembly does not run here', {
      received: cause instanceof Error ? cause.message : String(cause),
      hint: "A Content-Security-Policy must allow script-src 'wasm-unsafe-eval'",
      cause,
    });
  }
}
