import { type LoadedModel, type Runtime, SegmentError } from '@seg/core';
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
  const state: FakeState = { options, counts, last: null };
  const { name = 'fake', source = tinySource, unavailable, fault } = options;
  return {
    name,
    format: 'onnx',
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

/** What a vendor's parser would refuse: bytes that do not start as an ONNX file, and names that it does not have. */
function checkModel({ card, variant, parts }: LoadedModel): void {
  const tiny = Object.values(tinyCards).find(({ id }) => id === card.id);
  if (tiny === undefined) return;
  if (parts[0]?.[0] !== 0x08) throw new SegmentError('invalid-input', 'these bytes are no ONNX model');
  const known = tiny.variants.some(
    ({ input, output }) => input.name === variant.input.name && output.name === variant.output.name,
  );
  if (!known) throw new SegmentError('invalid-card', 'the file has no input or output of this name');
}
