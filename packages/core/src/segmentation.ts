import type { ModelCard, ModelVariant } from './card.ts';
import { SegmentError } from './errors.ts';
import { checkSize, type Placement, type Size } from './geometry.ts';
import { type LabelNames, resolveSelection, type Selection } from './labels.ts';
import type { LeakWatch } from './leak-watch.ts';
import { type AbortOptions, type Owned, withDisposeSymbol } from './owned.ts';
import { disposedError } from './queue.ts';
import type { DecodeRequest } from './runtime.ts';
import type { Tensor } from './tensor.ts';

/** A size in pixels, the source's own (upright, the default), or the model's input size. */
export type OutputSize = Size | 'source' | 'model';

/** What to decode: a class per pixel, or one score plane per selection. */
export type Want =
  | { readonly as: 'classes'; readonly size?: OutputSize | undefined }
  | { readonly as: 'scores'; readonly size?: OutputSize | undefined; readonly select: readonly Selection[] };

/**
 * What the network said about one picture. It keeps the network's own small output and decodes it at the size that is
 * asked for, so edges are as smooth as the logits allow. The caller owns it.
 */
export interface Segmentation extends Owned {
  /** The card that gives labels and groups their meaning. */
  readonly model: ModelCard;
  readonly placement: Placement;
  /** The network's output, in the segmentation's keeping until `dispose()`. */
  readonly raw: Tensor;
  /** Milliseconds. Decoding is timed where it happens: views carry `decodeMs`. */
  readonly timings: { readonly prepare: number; readonly run: number };
  /**
   * Classes: uint8 [height, width]. Scores: float32 [selections, height, width], 0 to 1. The caller owns the tensor.
   *
   * @throws SegmentError `invalid-input` (unknown name, size), `unsupported` (scores of class indexes), `disposed`
   */
  decode(want: Want, options?: AbortOptions): Promise<Tensor>;
}

/** What a segmentation is made of: the facts it shows, and the segmenter's ways to decode and to let go. */
export interface SegmentationParts {
  readonly model: ModelCard;
  readonly variant: ModelVariant;
  readonly placement: Placement;
  readonly raw: Tensor;
  readonly timings: Segmentation['timings'];
  readonly decode: (raw: Tensor, request: DecodeRequest, options?: AbortOptions) => Promise<Tensor>;
}

/**
 * Wraps a raw output, which the segmentation then owns. `alive` holds what the segmenter must still end; it does not
 * hold the segmentation itself, so that a forgotten one can be noticed by `leaks`.
 */
export function createSegmentation(
  parts: SegmentationParts,
  alive: Set<Owned>,
  leaks: LeakWatch,
): Segmentation {
  const { model, variant, placement, raw, timings } = parts;
  const holder = createHolder(raw, alive);
  const segmentation: Segmentation = {
    model,
    placement,
    timings,
    get raw() {
      return holder.use();
    },
    async decode(want, options) {
      options?.signal?.throwIfAborted();
      const tensor = holder.use();
      return parts.decode(tensor, resolveRequest(want, model, variant, placement), options);
    },
    dispose() {
      leaks.unwatch(holder);
      holder.dispose();
    },
  };
  leaks.watch(segmentation, holder, () => holder.dispose());
  return withDisposeSymbol(segmentation, 'dispose');
}

function createHolder(raw: Tensor, alive: Set<Owned>): Owned & { use(): Tensor } {
  let live: Tensor | null = raw;
  const holder = {
    use() {
      if (live === null) throw disposedError('segmentation');
      return live;
    },
    dispose() {
      alive.delete(holder);
      live?.dispose();
      live = null;
    },
  };
  alive.add(holder);
  return holder;
}

/** Names and defaults taken out of a {@link Want}: what the stages understand. */
function resolveRequest(
  want: Want,
  names: LabelNames,
  variant: ModelVariant,
  placement: Placement,
): DecodeRequest {
  const size = resolveSize(want.size, placement);
  if (want.as === 'classes') return { as: 'classes', size };
  if (variant.output.values === 'class-index') {
    throw new SegmentError('unsupported', 'scores of a model that gives class indexes only', {
      hint: 'Read classes or a hard mask, or choose a variant whose output is logits.',
    });
  }
  return { as: 'scores', size, select: want.select.map((selection) => resolveSelection(selection, names)) };
}

function resolveSize(size: OutputSize | undefined, { source, grid }: Placement): Size {
  if (size === undefined || size === 'source') return source;
  return size === 'model' ? grid : checkSize(size, 'the size to decode');
}
