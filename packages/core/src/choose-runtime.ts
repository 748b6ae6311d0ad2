import type { ModelCard, SelfTest } from './card.ts';
import { SegmentError } from './errors.ts';
import type { PixelImage } from './image.ts';
import { messageOf } from './load-model.ts';
import type { AbortOptions } from './owned.ts';
import type { Runtime } from './runtime.ts';
import { createSegmenter } from './segmenter.ts';
import { runSelfTest } from './self-test.ts';
import { chooseVariant } from './variants.ts';

/** What a lazy candidate may come as: a runtime, or an adapter's module, whose default export makes one. */
type Lazy<Image> = Runtime<Image> | { readonly default: () => Runtime<Image> };

/** A runtime, or a way to get one that is not taken until its turn comes: `() => import('@seg/onnx-web')`. */
export type Candidate<Image = PixelImage> = Runtime<Image> | (() => Lazy<Image> | Promise<Lazy<Image>>);

/** The runtime that was taken. The caller's to use; runtimes hold nothing to dispose. */
export interface ChosenRuntime<Image = PixelImage> {
  readonly runtime: Runtime<Image>;
  /** The candidates before it, and why each was passed over. */
  readonly rejected: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * The first candidate that takes a variant of `model`, works here, and passes the card's self-test where it has one
 * (the model is loaded for that, once for each candidate that stays the same). Nothing is chosen silently: what was passed over comes with its reason.
 *
 * @throws SegmentError `unsupported` when none is left, with every reason; or `signal.reason`
 */
export async function chooseRuntime<Image = PixelImage>({
  model,
  candidates,
  signal,
}: AbortOptions & {
  readonly model: ModelCard;
  readonly candidates: readonly Candidate<Image>[];
}): Promise<ChosenRuntime<Image>> {
  const rejected: { name: string; reason: string }[] = [];
  for (const [index, candidate] of candidates.entries()) {
    signal?.throwIfAborted();
    let name = `candidate ${index + 1}`;
    try {
      const made = typeof candidate === 'function' ? await candidate() : candidate;
      const runtime = 'default' in made ? made.default() : made;
      name = runtime.name;
      // what stays from call to call: the module's factory, else the candidate
      const owner = 'default' in made ? made.default : candidate;
      const reason = await refusal(model, runtime, owner, signal);
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
  runtime: Runtime<never>,
  owner: object,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const { id } = chooseVariant(model, runtime);
  const probe = await runtime.probe({ signal });
  if (!probe.ok) return probe.reason;
  const { selfTest } = model;
  if (selfTest === undefined) return null;
  const outcomes = outcomesOf(owner);
  const key = `${model.id} ${model.revision} ${id}`;
  const outcome = outcomes.get(key) ?? (await testRuntime(model, runtime, selfTest, signal));
  outcomes.set(key, outcome);
  return outcome === '' ? null : outcome;
}

const OUTCOMES = Symbol.for('@seg/core/self-tests');

/** What self-tests have said of a candidate, kept on it: it stands for its device. Empty: passed. */
function outcomesOf(owner: object): Map<string, string> {
  const found: unknown = Reflect.get(owner, OUTCOMES);
  if (found instanceof Map) return found;
  const outcomes = new Map<string, string>();
  Object.defineProperty(owner, OUTCOMES, { value: outcomes });
  return outcomes;
}

async function testRuntime(
  model: ModelCard,
  runtime: Runtime<never>,
  selfTest: SelfTest,
  signal: AbortSignal | undefined,
): Promise<string> {
  // biome-ignore lint/plugin: every runtime takes pixels in memory, whatever else it takes
  const segmenter = await createSegmenter({ model, runtime: runtime as Runtime, signal });
  try {
    return (await runSelfTest(segmenter, selfTest, { signal })) ?? '';
  } finally {
    await segmenter.dispose();
  }
}
