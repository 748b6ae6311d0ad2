import type { ModelCard } from './card.ts';
import { SegmentError } from './errors.ts';
import type { PixelImage } from './image.ts';
import { messageOf } from './load-model.ts';
import type { AbortOptions } from './owned.ts';
import type { Runtime } from './runtime.ts';
import { createSegmenter } from './segmenter.ts';
import { runSelfTest } from './self-test.ts';
import { chooseVariant } from './variants.ts';

/** A runtime, or a way to get one that is not taken until its turn comes (`() => import(...)`). */
export type Candidate = Runtime | (() => Runtime | Promise<Runtime>);

export interface ChosenRuntime {
  readonly runtime: Runtime;
  /** The candidates before it, and why each was passed over. */
  readonly rejected: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * The first candidate that takes a variant of `model`, works here, and passes the card's self-test where it has one
 * (the model is loaded for that). Nothing is chosen silently: what was passed over comes with its reason.
 *
 * @throws SegmentError `unsupported` when none is left, with every reason; or `signal.reason`
 */
export async function chooseRuntime({
  model,
  candidates,
  signal,
}: AbortOptions & {
  readonly model: ModelCard;
  readonly candidates: readonly Candidate[];
}): Promise<ChosenRuntime> {
  const rejected: { name: string; reason: string }[] = [];
  for (const [index, candidate] of candidates.entries()) {
    signal?.throwIfAborted();
    let name = `candidate ${index + 1}`;
    try {
      const runtime = typeof candidate === 'function' ? await candidate() : candidate;
      name = runtime.name;
      const reason = await refusal(model, runtime, signal);
      if (reason === null) return { runtime, rejected };
      rejected.push({ name, reason });
    } catch (error) {
      signal?.throwIfAborted();
      rejected.push({ name, reason: messageOf(error) });
    }
  }
  throw new SegmentError('unsupported', `no runtime here can run ${model.id}`, {
    received: rejected.map(({ name, reason }) => `${name}: ${reason}`).join('; ') || 'no candidates',
  });
}

async function refusal(
  model: ModelCard,
  runtime: Runtime<PixelImage>,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  chooseVariant(model, runtime);
  const probe = await runtime.probe({ signal });
  if (!probe.ok) return probe.reason;
  if (model.selfTest === undefined) return null;
  const segmenter = await createSegmenter({ model, runtime, signal });
  try {
    return await runSelfTest(segmenter, model.selfTest, { signal });
  } finally {
    await segmenter.dispose();
  }
}
