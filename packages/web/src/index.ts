export { absolute } from './absolute.ts';
export type { AdapterOptions } from './adapter-options.ts';
export { placeAssets, requireInline, requireWord, runsInWorker } from './adapter-options.ts';
export { type AdapterAssets, type AssetFile, type AssetQuestion, requireSameVersion } from './asset-files.ts';
export { createWebStages } from './cpu-stages.ts';
export {
  type BrowserImage,
  createImageReader,
  type ImageReader,
  type ImageReaderOptions,
  readImage,
} from './images.ts';
export { canUseThreads, defaultThreads, requireIsolation, requireThreads, requireWasm } from './isolation.ts';
export { type AssetKind, loadAsset } from './load-asset.ts';
export {
  type CachedFile,
  createModelCache,
  type ModelCache,
  type ModelCacheOptions,
  type VerifiedFile,
  webSource,
} from './model-cache.ts';
export type { WorkerRuntimeOptions } from './worker-connect.ts';
export { createWorkerRuntime } from './worker-runtime.ts';
