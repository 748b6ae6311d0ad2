export type { Bitmap } from './bitmap.ts';
export type {
  InputRecipe,
  ModelCard,
  ModelLicense,
  ModelMetric,
  ModelPart,
  ModelVariant,
  OutputRecipe,
  Quantization,
  SelfTest,
  Task,
} from './card.ts';
export { type Candidate, type ChosenRuntime, chooseRuntime } from './choose-runtime.ts';
export { createCpuStages } from './cpu/stages.ts';
export { isSegmentError, SegmentError, type SegmentErrorCode, type SegmentErrorDetail } from './errors.ts';
export {
  type Align,
  type AxisSamples,
  type Fit,
  type Orientation,
  type Placement,
  placeImage,
  type Rect,
  type Size,
  sampleAxis,
} from './geometry.ts';
export { checkImage, type PixelImage } from './image.ts';
export { type LabelNames, type LabelSet, type Rgb, resolveSelection, type Selection } from './labels.ts';
export { loadCard } from './load-card.ts';
export {
  type DownloadOptions,
  downloadPart,
  fetchBytes,
  fetchSource,
  loadModel,
  sha256Hex,
} from './load-model.ts';
export { type AbortOptions, abortable, type Owned, type OwnedAsync, withDisposeSymbol } from './owned.ts';
export { parseCard } from './parse-card.ts';
export { type Point, type Polygon, type PolygonOptions, polygonArea, tracePolygons } from './polygons.ts';
export {
  type CocoRle,
  type CompressedRle,
  compressRle,
  decodeRle,
  encodeRle,
} from './rle.ts';
export type {
  DecodeRequest,
  LoadedModel,
  LoadOptions,
  LoadProgress,
  ModelSource,
  Probe,
  Runtime,
  Session,
  Stages,
} from './runtime.ts';
export { type Segmented, segmentFrames } from './segment-frames.ts';
export type { OutputSize, Segmentation, Want } from './segmentation.ts';
export { createSegmenter, type Segmenter, type SegmenterOptions, type SegmentOptions } from './segmenter.ts';
export { createSelfTestImage, imageChecksum } from './self-test.ts';
export { nearNames, suggestion } from './suggest.ts';
export {
  type CpuTensor,
  createCpuTensor,
  createTensorPool,
  createTypedArray,
  type DType,
  elementCount,
  isCpuTensor,
  type Tensor,
  type TensorPool,
  type TypedArray,
  type TypedArrayOf,
} from './tensor.ts';
export { chooseVariant } from './variants.ts';
export {
  type ClassMap,
  type Coverage,
  coverageOf,
  type Mask,
  readClassMap,
  readCoverage,
  readMask,
  readScores,
  type Scores,
  type ViewOptions,
} from './views.ts';
export { labelColor, vocColorMap } from './voc-colors.ts';
export { warmUp } from './warm-up.ts';
