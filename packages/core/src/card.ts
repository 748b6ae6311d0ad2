import type { Align, Fit, Size } from './geometry.ts';
import type { LabelSet, Rgb, Selection } from './labels.ts';
import type { DType } from './tensor.ts';

/** What people look for when they choose a model. */
export type Task = 'person' | 'hair' | 'face' | 'clothes' | 'object' | 'scene';

/** What a model means: its labels, where it comes from, what may be done with it, how good it is. Plain JSON. */
export interface ModelCard {
  readonly schema: 1;
  /** Lower-case words and digits joined by `-`, for example `deeplabv3-257`. */
  readonly id: string;
  /** Changes whenever a variant's bytes change. */
  readonly revision: string;
  readonly title: string;
  readonly description?: string;
  readonly tasks: readonly Task[];
  readonly labels: LabelSet;
  /** Names for several labels at once (`person` = hair + skin + clothes), usable wherever a label is. */
  readonly groups: Readonly<Record<string, Selection>>;
  readonly license: ModelLicense;
  readonly metrics: readonly ModelMetric[];
  readonly trainingData: string;
  /** What the model is known to be bad at, and what the user must know or supply. */
  readonly notes?: readonly string[];
  readonly selfTest?: SelfTest;
  /** In order of preference. Empty only when the weights are the user's to supply; then `notes` say how. */
  readonly variants: readonly ModelVariant[];
}

export interface ModelLicense {
  /** SPDX identifier of the weights' licence, or `LicenseRef-...`. */
  readonly spdx: string;
  readonly attribution: string;
  /** Address of the page that states it. */
  readonly source: string;
  readonly commercial: 'yes' | 'no' | 'unclear';
  /** Why, as far as data and weights are concerned. */
  readonly why: string;
}

export interface ModelMetric {
  readonly dataset: string;
  /** For example `mIoU`, `IoU person`. */
  readonly metric: string;
  /** 0 to 1. */
  readonly value: number;
  /** Who measured it: the authors, or this project and how. */
  readonly by: string;
}

/** A small check that a device computes this model rightly; see `chooseRuntime`. */
export interface SelfTest {
  /** Seed of the picture that `createSelfTestImage` draws. */
  readonly seed: number;
  /** FNV-1a of that picture's bytes, so that a wrong picture is not blamed on a runtime. */
  readonly checksum: number;
  /** The expected class map at 16 x 16, row by row; at least two classes hold 20 % each. */
  readonly classes16x16: readonly number[];
}

/** How a model is stored, and so how it is fed and read. */
export interface ModelVariant {
  readonly id: string;
  readonly format: 'onnx' | 'tflite' | 'tfjs';
  readonly precision: 'float32' | 'float16' | 'int8' | 'uint8' | 'lut8';
  /** What a runtime must offer beyond its format, for example `mediapipe-ops`. */
  readonly needs?: readonly string[];
  readonly input: InputRecipe;
  readonly output: OutputRecipe;
  /** The files; the first is the one that is opened, the others are named by it. */
  readonly parts: readonly ModelPart[];
}

export interface ModelPart {
  /** Relative, `/` between its segments, without `..`. */
  readonly path: string;
  readonly bytes: number;
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** Tried in order; relative ones are beside the card. Empty where there is no public address. */
  readonly urls: readonly string[];
}

/** Affine quantisation: real = (stored - zeroPoint) * scale. */
export interface Quantization {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** How pixels become the input tensor: stored = round(((byte - mean) / std) / scale + zeroPoint), round and scale for integers only. */
export interface InputRecipe {
  /** The input's name in the file. */
  readonly name: string;
  readonly size: Size;
  /** Memory order of the picture's dimensions; the batch of 1 in front is implied. */
  readonly layout: 'hwc' | 'chw';
  readonly dtype: 'float32' | 'uint8' | 'int8';
  readonly quantization?: Quantization;
  readonly fit: Fit;
  readonly order: 'rgb' | 'bgr';
  /** In units of bytes, 0 to 255, in the order r, g, b. */
  readonly mean: Rgb;
  readonly std: Rgb;
  /** A fourth channel: the foreground's score in the previous result at grid size, 0 to 1, zeros at first. */
  readonly extra?: 'previous-mask';
}

/** How the output tensor is read. Memory order counts, rank does not: [1,12544,1] is 112x112x1. */
export interface OutputRecipe {
  /** The output's name in the file; its other outputs are ignored. */
  readonly name: string;
  /** The output's own grid. */
  readonly size: Size;
  readonly layout: 'hwc' | 'chw';
  readonly dtype: DType;
  readonly quantization?: Quantization;
  readonly values: 'logits' | 'probabilities' | 'class-index';
  /** One class a pixel (softmax), or each channel for itself (sigmoid). */
  readonly classes: 'exclusive' | 'independent';
  /** The label index of each channel: `[1]` for a lone person channel (independent). Empty for class-index. */
  readonly channels: readonly number[];
  /** Independent channels: the probability from which a label counts, above 0 and below 1. */
  readonly threshold: number;
  readonly align: Align;
  /**
   * The file ends in its own bilinear resize (corners aligned) from this smaller grid to `size`, by a whole factor.
   * Decoding then starts from the samples of that grid, which the resize left untouched, and nothing is resized twice.
   */
  readonly resizedFrom?: Size;
}
