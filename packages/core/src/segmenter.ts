import type { ModelCard, ModelVariant } from './card.ts';
import { createSegmentation } from './create-segmentation.ts';
import { SegmentError } from './errors.ts';
import type { PixelImage } from './image.ts';
import { createLeakWatch } from './leak-watch.ts';
import { loadModel } from './load-model.ts';
import { type AbortOptions, type Owned, type OwnedAsync, withDisposeSymbol } from './owned.ts';
import { createQueue, disposedError } from './queue.ts';
import type { LoadProgress, ModelSource, Runtime, Session, Stages } from './runtime.ts';
import type { Segmentation } from './segmentation.ts';
import type { Tensor } from './tensor.ts';
import { chooseVariant } from './variants.ts';

/** Options of {@link Segmenter.segment}. */
export interface SegmentOptions extends AbortOptions {
  /** The result of the frame before, for models with a previous-mask channel; others do not look at it. Borrowed. */
  readonly previous?: Segmentation | undefined;
  /** Gives an ImageBitmap away instead of having it copied on its way to a worker. Other pictures stay the caller's. */
  readonly transfer?: boolean | undefined;
}

/** Finds for every pixel of a picture what it belongs to. Remembers nothing between calls. The caller owns it. */
export interface Segmenter<Image = PixelImage> extends OwnedAsync {
  readonly model: ModelCard;
  /** The id of the variant that was opened. */
  readonly variant: string;
  /** The runtime's name. */
  readonly runtime: string;
  /** What really computes: see `Session.accelerator`. */
  readonly accelerator: string;
  /**
   * Segments one picture. Calls run one at a time, in order; an aborted call that still waits rejects at once.
   * Borrows `image`; the caller owns the result.
   *
   * @throws SegmentError `invalid-input`, `runtime`, `device-lost`, `disposed`; or `signal.reason`
   */
  segment(image: Image, options?: SegmentOptions): Promise<Segmentation>;
  /** Waits for the call in work, rejects those that wait, and ends the segmentations that are still alive. */
  dispose(): Promise<void>;
}

/** What {@link createSegmenter} takes. */
export interface SegmenterOptions<Image> extends AbortOptions {
  readonly model: ModelCard;
  readonly runtime: Runtime<Image>;
  /** A variant's id; by default the first in card order that the runtime takes. */
  readonly variant?: string | undefined;
  /** Where the files come from; by default the runtime's own cache, then the card's addresses. */
  readonly source?: ModelSource | undefined;
  /** Bytes of the model's files as they come. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
}

/**
 * Loads and opens a model: `createSegmenter({ model, runtime })` is the whole call.
 *
 * @throws SegmentError `unsupported` (no variant fits), `fetch`, `io`, `integrity`, `runtime`; or `signal.reason`
 */
export async function createSegmenter<Image = PixelImage>(
  options: SegmenterOptions<Image>,
): Promise<Segmenter<Image>> {
  const { model, runtime, signal, onProgress } = options;
  if (!model?.variants || !runtime?.open) {
    throw new SegmentError('invalid-input', 'createSegmenter', {
      expected: '{ model, runtime }: a card and an adapter',
    });
  }
  const variant = chooseVariant(model, runtime, options.variant);
  const loaded = await loadModel(model, variant, options.source ?? runtime.source, { signal, onProgress });
  const { session, stages } = await runtime.open(loaded, { signal });
  const segmenter = composeSegmenter(model, variant, runtime.name, session, stages);
  if (signal?.aborted) {
    await segmenter.dispose();
    signal.throwIfAborted();
  }
  return segmenter;
}

function composeSegmenter<Image>(
  model: ModelCard,
  variant: ModelVariant,
  runtime: string,
  session: Session,
  stages: Stages<Image>,
): Segmenter<Image> {
  const queue = createQueue('segmenter');
  const leaks = createLeakWatch('segmentation');
  const alive = new Set<Owned>();
  const decoding = new Set<Promise<unknown>>();
  let ended: Promise<void> | null = null;

  /** Decoding may overlap with the next run, but not with the end of the segmenter. */
  function decode(placement: Segmentation['placement']): Parameters<typeof createSegmentation>[0]['decode'] {
    return (raw, request, decodeOptions) => {
      if (ended !== null) return Promise.reject(disposedError('segmenter'));
      const work = stages.decode(raw, placement, request, decodeOptions);
      decoding.add(work);
      const done = (): boolean => decoding.delete(work);
      work.then(done, done);
      return work;
    };
  }

  async function segmentNow(image: Image, options: SegmentOptions): Promise<Segmentation> {
    const start = performance.now();
    const { tensor, placement } = await stages.prepare(image, options);
    const prepared = performance.now();
    const raw = await runAndDispose(session, tensor, options.signal);
    const timings = { prepare: prepared - start, run: performance.now() - prepared };
    return createSegmentation(
      { model, variant, placement, raw, timings, decode: decode(placement) },
      alive,
      leaks,
    );
  }

  async function end(): Promise<void> {
    await queue.close();
    await Promise.allSettled(decoding);
    for (const held of [...alive].reverse()) held.dispose();
    // a vendor that fails to let go takes nothing else with it
    await session.dispose().finally(() => stages.dispose());
  }

  const segmenter: Segmenter<Image> = {
    model,
    variant: variant.id,
    runtime,
    accelerator: session.accelerator,
    segment: (image, options = {}) => queue.run(() => segmentNow(image, options), options.signal),
    dispose() {
      ended ??= end();
      return ended;
    },
  };
  return withDisposeSymbol(segmenter, 'asyncDispose');
}

/** Runs the network, ends the input tensor whatever happens, and ends the output when the caller has given up. */
async function runAndDispose(
  session: Session,
  input: Tensor,
  signal: AbortSignal | undefined,
): Promise<Tensor> {
  try {
    signal?.throwIfAborted();
    const raw = await session.run(input, { signal });
    if (signal?.aborted) raw.dispose();
    signal?.throwIfAborted();
    return raw;
  } finally {
    input.dispose();
  }
}
