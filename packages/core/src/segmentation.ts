import type { ModelCard } from './card.ts';
import type { Placement, Size } from './geometry.ts';
import type { Selection } from './labels.ts';
import type { AbortOptions, Owned } from './owned.ts';
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
