import {
  abortable,
  type LoadedModel,
  type ModelSource,
  type Probe,
  type Runtime,
  type Stages,
} from '@seg/core';
import { createAdapterSession, type Engine } from '@seg/core/adapter';
import {
  type AdapterOptions,
  type BrowserImage,
  createWebStages,
  requireThreads,
  requireWord,
} from '@seg/web';
import { openEngine } from './engine.ts';
import { firstLine } from './explain.ts';
import { openGpuEngine } from './gpu-engine.ts';
import {
  type LoadVendor,
  type OnnxAccelerator,
  type OnnxWasmPaths,
  type OnnxWebSessionOptions,
  requireSettings,
  type Settings,
  type Vendor,
} from './vendor.ts';

/** What decides how the vendor computes: plain data, so that it can be posted to a worker. */
export interface OnnxWebSettings {
  /** What computes; `wasm` by default. `webgpu` keeps pictures, tensors and results on the GPU until they are read. */
  readonly accelerator?: OnnxAccelerator | undefined;
  /**
   * Threads that compute one run by `wasm`: on pages that are not cross-origin isolated there is only one, and more are
   * refused. By default the vendor's choice: half of the cores, at most 4; one where there can be no more. The vendor
   * starts once a page or worker, so the first model that opens there decides.
   */
  readonly threads?: number | undefined;
  /** The vendor's session options, handed through untouched: they win over what we set. */
  readonly session?: OnnxWebSessionOptions | undefined;
  /**
   * Where the vendor's `ort-wasm-simd-threaded.mjs` and `.wasm` are served: a folder's address, or that of each file;
   * relative ones are relative to the page (in Node: an absolute path). By default where the vendor's own script is,
   * which most bundlers take care of.
   */
  readonly wasmPaths?: OnnxWasmPaths | undefined;
}

/** Options of `onnxWeb`. */
export interface OnnxWebOptions extends OnnxWebSettings, AdapterOptions {
  /** Where models come from; by default a verified cache, then the card's addresses. */
  readonly source?: ModelSource | undefined;
}

/** The runtime that computes in the thread it is called in. */
export function createOnnxWeb(
  options: OnnxWebSettings & { readonly source: ModelSource },
  load: LoadVendor,
): Runtime<BrowserImage> {
  const { accelerator = 'wasm', threads, wasmPaths, source } = options;
  requireThreads(threads);
  requireWord('accelerator', accelerator, ['wasm', 'webgpu']);
  const session: OnnxWebSessionOptions = {
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4, // what goes wrong is thrown; the vendor's own log would print it a second time
    ...options.session,
  };
  const settings: Settings = { accelerator, threads, wasmPaths, session };

  async function start(): Promise<Vendor> {
    const vendor = await load(accelerator);
    requireSettings(vendor, settings);
    return vendor;
  }

  async function openOnGpu(model: LoadedModel): Promise<Opened> {
    const [vendor, gpu] = [await start(), await import('@seg/web/gpu')];
    const lease = await gpu.leaseDevice({ requiredLimits: gpu.stageLimits(model.variant) });
    const stages = await gpu.createGpuStages({ model, lease }); // which then holds the lease
    try {
      return { engine: await openGpuEngine(vendor, model, settings, lease, gpu), stages };
    } catch (error) {
      stages.dispose();
      throw error;
    }
  }

  async function open(model: LoadedModel): Promise<Opened> {
    if (accelerator === 'webgpu') return await openOnGpu(model);
    return { engine: await openEngine(await start(), model, settings), stages: createWebStages(model) };
  }

  return {
    name: 'onnx-web',
    format: 'onnx',
    provides: [],
    source,
    async probe(): Promise<Probe> {
      try {
        await start();
        if (accelerator === 'webgpu') (await (await import('@seg/web/gpu')).leaseDevice()).release();
        return { ok: true };
      } catch (error) {
        return { ok: false, reason: firstLine(error) };
      }
    },
    async open(model, { signal } = {}) {
      signal?.throwIfAborted();
      const opening = open(model);
      try {
        const { engine, stages } = await abortable(opening, signal);
        return { session: createAdapterSession('onnx-web', model.variant, engine), stages };
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
