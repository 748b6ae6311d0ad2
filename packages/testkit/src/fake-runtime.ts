import { type LoadedModel, type ModelVariant, type Runtime, SegmentError } from '@seg/core';
import { createFakeSession } from './fake-session.ts';
import { createFakeStages } from './fake-stages.ts';
import { type FakeCounts, type FakeRuntimeOptions, type FakeState, takeStep } from './fake-state.ts';
import { tinyCards } from './tiny-cards.ts';
import { tinySource } from './tiny-source.ts';

/** A runtime without a vendor. */
export interface FakeRuntime extends Runtime {
  readonly counts: Readonly<FakeCounts>;
}

/**
 * A runtime that keeps every rule of the contract, computes the tiny models truly (other cards by brightness), and can
 * be slow, fail, or break a rule on request. Nothing to dispose.
 */
export function createFakeRuntime(options: FakeRuntimeOptions = {}): FakeRuntime {
  const steps = { open: 0, prepare: 0, run: 0, decode: 0 };
  const counts: FakeCounts = { opened: 0, disposed: 0, steps, live: 0, readbacks: 0 };
  const state: FakeState = { options, counts, last: null, behind: new WeakMap() };
  const { name = 'fake', format = 'onnx', source = tinySource, unavailable, fault } = options;
  return {
    name,
    format,
    source,
    counts,
    async probe({ signal } = {}) {
      signal?.throwIfAborted();
      return unavailable === undefined ? { ok: true } : { ok: false, reason: unavailable };
    },
    async open(model, { signal } = {}) {
      signal?.throwIfAborted();
      takeStep(state, 'open');
      if (unavailable !== undefined && fault !== 'falls-back')
        throw new SegmentError('unsupported', unavailable);
      if (fault !== 'opens-anything') checkModel(model);
      state.last = model;
      return { session: createFakeSession(state, model), stages: createFakeStages(state, model) };
    },
  };
}

/** How a file of each format begins: from which byte on, which text (of an ONNX file the number of its first field). */
const MARKS: Readonly<Record<ModelVariant['format'], { readonly at: number; readonly text: string }>> = {
  onnx: { at: 0, text: '\b' },
  tflite: { at: 4, text: 'TFL3' },
  tfjs: { at: 0, text: '{' },
};

/** What a vendor's parser would refuse: bytes that do not start as a file of the format, names that it does not have. */
function checkModel({ card, variant, parts }: LoadedModel): void {
  const tiny = Object.values(tinyCards).find(({ id }) => id === card.id);
  if (tiny === undefined) return;
  const { at, text } = MARKS[variant.format];
  const start = String.fromCharCode(...(parts[0] ?? new Uint8Array()).subarray(at, at + text.length));
  if (start !== text) throw new SegmentError('invalid-input', `these bytes are no ${variant.format} model`);
  const known = tiny.variants.some(
    ({ format, input, output }) =>
      format === variant.format && input.name === variant.input.name && output.name === variant.output.name,
  );
  if (!known) throw new SegmentError('invalid-card', 'the file has no input or output of this name');
}
