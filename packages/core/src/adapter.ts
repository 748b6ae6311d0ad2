export {
  type FileValue,
  inputShape,
  type ModelFile,
  outputShape,
  requireRecipe,
} from './check-recipe.ts';
export { type Pixels, uprightPixels } from './cpu/pixels.ts';
export { decodeGrid } from './cpu/raw-grid.ts';
export { areaEdges } from './cpu/shrink.ts';
export { createTaps, type Taps } from './cpu/taps.ts';
export { createAdapterSession, type Engine } from './create-session.ts';
export { uprightSize } from './geometry.ts';
export { type PackedError, packError, unpackError } from './pack-error.ts';
