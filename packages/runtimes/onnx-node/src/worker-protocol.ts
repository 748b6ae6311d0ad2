import type { TypedArray } from '@seg/core';
import type { PackedError } from '@seg/core/adapter';
import type { EngineOutput, EngineRequest } from './engine.ts';
import type { FeedData } from './vendor.ts';

/** What is posted to the worker: one reply each, in order. */
export type WorkerRequest =
  | { readonly kind: 'open'; readonly request: EngineRequest; readonly gate: Int32Array }
  | { readonly kind: 'run'; readonly data: FeedData }
  | { readonly kind: 'release' };

/** What comes back. `spare` is the input's array, to be filled again. */
export interface WorkerReply {
  readonly accelerator?: string;
  readonly output?: EngineOutput;
  readonly spare?: FeedData;
  readonly error?: PackedError;
}

/** The memory under an array, as a transfer list. */
export function movable(array: TypedArray | undefined): ArrayBuffer[] {
  return array?.buffer instanceof ArrayBuffer ? [array.buffer] : [];
}

/*
 * The gate: two shared flags. A thread that is ended while it is inside onnxruntime-node 1.30 aborts the whole process
 * ("terminate called after throwing an instance of 'Napi::Error'"), and `process.exit()` ends threads. So whoever leaves
 * shuts the gate and waits until the worker is outside.
 */
const INSIDE = 0;
const SHUT = 1;

export function createGate(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(8));
}

/** Worker: says that it goes in. False: the process is leaving, stay outside. */
export function enterGate(gate: Int32Array): boolean {
  Atomics.store(gate, INSIDE, 1); // before looking, so that one of the two sides always sees the other
  if (Atomics.load(gate, SHUT) === 0) return true;
  leaveGate(gate);
  return false;
}

export function leaveGate(gate: Int32Array): void {
  Atomics.store(gate, INSIDE, 0);
  Atomics.notify(gate, INSIDE);
}

/** Blocks this thread until the worker is outside, but no longer than `timeoutMs`. */
export function shutGate(gate: Int32Array, timeoutMs: number): void {
  Atomics.store(gate, SHUT, 1);
  Atomics.wait(gate, INSIDE, 1, timeoutMs);
}
