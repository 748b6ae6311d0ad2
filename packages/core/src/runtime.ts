import type { ModelCard, ModelPart, ModelVariant } from './card.ts';
import type { Placement, Size } from './geometry.ts';
import type { PixelImage } from './image.ts';
import type { AbortOptions, Owned, OwnedAsync } from './owned.ts';
import type { Segmentation } from './segmentation.ts';
import type { Tensor } from './tensor.ts';

/** Bytes so far and in all. The total is known from the card before the first byte comes. */
export interface LoadProgress {
  readonly loaded: number;
  readonly total: number;
}

export interface LoadOptions extends AbortOptions {
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
}

/** Where model files come from. `loadModel` checks size and sha256 of whatever comes. */
export interface ModelSource {
  /** The whole file, for the caller to keep. Rejects with `fetch`, `io` or `integrity`. */
  load(part: ModelPart, options?: LoadOptions): Promise<Uint8Array<ArrayBuffer>>;
}

/** A card, one of its variants, and the variant's verified bytes, in the order of `variant.parts`. */
export interface LoadedModel {
  readonly card: ModelCard;
  readonly variant: ModelVariant;
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
}

export type Probe = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** All that an adapter provides: open model bytes and run one tensor through them. */
export interface Runtime<Image = PixelImage> {
  /** For example `onnx-node`. */
  readonly name: string;
  readonly format: ModelVariant['format'];
  /** What it offers of `ModelVariant.needs`. */
  readonly provides?: readonly string[];
  /** Its platform's verified cache, then the card's addresses. */
  readonly source: ModelSource;
  /** Whether it can work here, without throwing and without loading a model. */
  probe(options?: AbortOptions): Promise<Probe>;
  /**
   * Session and stages in one call: stages must know the device that the vendor made or took. The caller owns both and
   * disposes the session first. Gives what was asked for or throws (`unsupported`, `runtime`): never a silent fall-back.
   */
  open(
    model: LoadedModel,
    options?: AbortOptions,
  ): Promise<{ readonly session: Session; readonly stages: Stages<Image> }>;
}

/** An opened model. */
export interface Session extends OwnedAsync {
  /** What really computes, as far as the vendor tells: `cpu`, `cuda`, `webgpu`, or several joined by `+`. */
  readonly accelerator: string;
  /**
   * Runs the network once. Borrows `input`; the caller owns the result, whose memory no later run touches.
   * Shape: the output recipe's elements in its layout; the rank is the vendor's.
   */
  run(input: Tensor, options?: AbortOptions): Promise<Tensor>;
}

/** What `Segmentation.decode` asks of the stages, names resolved: label indexes, and a size in upright pixels. */
export type DecodeRequest =
  | { readonly as: 'classes'; readonly size: Size }
  | { readonly as: 'scores'; readonly size: Size; readonly select: readonly (readonly number[])[] };

/** Everything around the network that makes it segmentation. */
export interface Stages<Image = PixelImage> extends Owned {
  /** Fits, resamples, normalises and lays out. Borrows `image`; the caller owns the tensor (shape [1,h,w,c] or [1,c,h,w]). */
  prepare(
    image: Image,
    options?: AbortOptions & {
      readonly previous?: Segmentation | undefined;
      /** The picture may be taken away: see `SegmentOptions.transfer`. */
      readonly transfer?: boolean | undefined;
    },
  ): Promise<{ readonly tensor: Tensor; readonly placement: Placement }>;
  /** Borrows `raw`. Classes: uint8 [h, w]. Scores: float32 [selections, h, w], 0 to 1. The caller owns the result. */
  decode(raw: Tensor, placement: Placement, request: DecodeRequest, options?: AbortOptions): Promise<Tensor>;
}
