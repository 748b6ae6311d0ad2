import {
  abortable,
  type LoadedModel,
  type ModelSource,
  type Runtime,
  SegmentError,
  type Stages,
} from '@seg/core';
import { createAdapterSession, type Engine } from '@seg/core/adapter';
import {
  type AdapterOptions,
  type BrowserImage,
  createWebStages,
  defaultThreads,
  requireIsolation,
  requireThreads,
  requireWasm,
  requireWord,
} from '@seg/web';
import { openEngine } from './engine.ts';
import { openGpuEngine } from './gpu-engine.ts';
import { type Build, cores, type Loader, takeInstance } from './instance.ts';

/** What decides how it computes: plain data, so that it can be posted to a worker. */
export interface LitertSettings {
  /** `wasm` by default. `webgpu` computes the whole model on the GPU, in float32, or refuses it. */
  readonly accelerator?: 'wasm' | 'webgpu' | undefined;
  /**
   * Threads that compute one run. By default half of the cores, at most 4. There is one, and more are refused, on pages
   * that are not cross-origin isolated, in engines without relaxed SIMD, and in Node.
   */
  readonly threads?: number | undefined;
}

export interface LitertOptions extends LitertSettings, AdapterOptions {
  /**
   * The folder that holds the vendor's files as they are in `@litertjs/core/wasm`: an address, a relative one to the page;
   * in Node a path. By default where the bundler has put them; in Node the installed package's.
   */
  readonly wasmPaths?: string | URL | undefined;
  /** Where models come from; by default a verified cache, then the card's addresses. */
  readonly source?: ModelSource | undefined;
}

export const NAME = 'litert';
/** What it offers of `ModelVariant.needs`. */
export const PROVIDES = ['mediapipe-ops', 'int64-output', 'dynamic-batch'];

/** The runtime that computes in the thread it is called in. */
export function createLitert(
  settings: LitertSettings,
  source: ModelSource,
  loader: Loader,
): Runtime<BrowserImage> {
  requireThreads(settings.threads);
  requireWord('accelerator', settings.accelerator, ['wasm', 'webgpu']);
  return {
    name: NAME,
    format: 'tflite',
    provides: PROVIDES,
    source,
    async probe() {
      try {
        requireWasm();
        chooseThreads(settings, loader);
        await loader.probe();
        if (settings.accelerator === 'webgpu') (await (await import('@seg/web/gpu')).leaseDevice()).release();
        return { ok: true };
      } catch (error) {
        return { ok: false, reason: error instanceof Error ? error.message : String(error) };
      }
    },
    async open(model, { signal } = {}) {
      signal?.throwIfAborted();
      const opening = open(model, settings, loader);
      try {
        const { engine, stages } = await abortable(opening, signal);
        return { session: createAdapterSession(NAME, model.variant, engine), stages };
      } catch (error) {
        // an aborted opening rejects at once, and what it makes all the same is released
        void opening.then(end).catch(() => {});
        throw error;
      }
    },
  };
}

interface Opened {
  readonly engine: Engine;
  readonly stages: Stages<BrowserImage>;
}

async function end({ engine, stages }: Opened): Promise<void> {
  await engine.release();
  stages.dispose();
}

async function open(model: LoadedModel, settings: LitertSettings, loader: Loader): Promise<Opened> {
  requireWasm();
  if (settings.accelerator === 'webgpu') return openOnGpu(model, loader);
  const threads = chooseThreads(settings, loader);
  const instance = await takeInstance({ build: chooseBuild(threads), threads, device: null }, loader);
  return { engine: openEngine(instance, model, threads), stages: createWebStages(model) };
}

async function openOnGpu(model: LoadedModel, loader: Loader): Promise<Opened> {
  const gpu = await import('@seg/web/gpu');
  const lease = await gpu.leaseDevice({ requiredLimits: gpu.stageLimits(model.variant) });
  const stages = await gpu.createGpuStages({ model, lease }); // which hold the lease from here on
  try {
    const { device } = lease;
    const instance = await takeInstance({ build: chooseBuild(1), threads: 1, device }, loader);
    return { engine: await openGpuEngine(instance, model, lease, gpu), stages };
  } catch (error) {
    stages.dispose();
    throw error;
  }
}

function chooseBuild(threads: number): Build {
  if (threads > 1) return 'threaded';
  return hasRelaxedSimd() ? 'plain' : 'compatible';
}

/** @throws SegmentError `unsupported` */
function chooseThreads({ accelerator, threads }: LitertSettings, loader: Loader): number {
  if (accelerator === 'webgpu') return 1;
  requireIsolation(threads);
  const most = mostThreads(loader);
  if (threads === undefined) return Math.min(most.count, defaultThreads());
  if (threads <= most.count) return threads;
  throw new SegmentError('unsupported', `threads: ${most.why}`, {
    expected: `at most ${most.count}`,
    received: `${threads}`,
  });
}

function mostThreads({ hasThreads }: Loader): { readonly count: number; readonly why: string } {
  if (!hasThreads) return { count: 1, why: 'LiteRT cannot start them in Node' };
  if (!hasRelaxedSimd()) return { count: 1, why: 'LiteRT has them where the engine has relaxed SIMD' };
  return { count: cores(), why: 'LiteRT has one for each core' };
}

/** A function that makes an i8x16.relaxed_swizzle of two splats. */
const RELAXED_SIMD = Uint8Array.from(
  // biome-ignore format: the bytes of a module
  [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11],
);

function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(RELAXED_SIMD);
}
