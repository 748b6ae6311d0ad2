import type { ModelCard, ModelVariant } from './card.ts';
import { SegmentError } from './errors.ts';
import { checkSize, type Placement, type Size } from './geometry.ts';
import { type LabelNames, resolveSelection } from './labels.ts';
import type { LeakWatch } from './leak-watch.ts';
import { type AbortOptions, type Owned, withDisposeSymbol } from './owned.ts';
import { disposedError } from './queue.ts';
import type { DecodeRequest } from './runtime.ts';
import type { OutputSize, Segmentation, Want } from './segmentation.ts';
import type { Tensor } from './tensor.ts';

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
      hint: 'Read classes or a hard mask.',
    });
  }
  return { as: 'scores', size, select: want.select.map((selection) => resolveSelection(selection, names)) };
}

function resolveSize(size: OutputSize | undefined, { source, grid }: Placement): Size {
  if (size === undefined || size === 'source') return source;
  return size === 'model' ? grid : checkSize(size, 'the size to decode');
}
