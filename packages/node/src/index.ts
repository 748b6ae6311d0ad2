export { type WriteOptions, writeFileAtomic } from './atomic-write.ts';
export * from './cache.ts';
export { type CutoutOptions, drawCutout, drawOverlay, type OverlayOptions } from './draw.ts';
export {
  type EncodeClassMapOptions,
  type EncodeImageOptions,
  encodeClassMap,
  encodeImage,
  encodeMask,
  readIndexedPng,
} from './encode.ts';
export { type Photo, type ReadPhotoOptions, readPhoto } from './photo.ts';
export type { PhotoFormat } from './photo-format.ts';
export type { IndexedPng } from './png.ts';
