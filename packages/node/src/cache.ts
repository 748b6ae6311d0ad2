export type { CachedFile, VerifiedFile } from './blob-store.ts';
export { loadCardFile } from './card-file.ts';
export {
  createModelCache,
  defaultSource,
  type FoundPart,
  type ModelCache,
  type ModelCacheOptions,
} from './model-cache.ts';
