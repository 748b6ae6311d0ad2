import { abortable, type ModelSource, type Probe, type Runtime, SegmentError } from '@seg/core';
import { createAdapterSession } from '@seg/core/adapter';
import { type AdapterOptions, type BrowserImage, createWebStages } from '@seg/web';
import { createGpuStages } from '@seg/web/gpu';
import { leaseBackend, requireBackend, type Settings } from './backend.ts';
import { openEngine } from './engine.ts';
import { firstLine, loadVendor, type TfjsAccelerator } from './vendor.ts';
import type { TfjsWasmPaths } from './wasm.ts';

const NAME = 'tfjs-webgpu';

/** What decides how tfjs computes: plain data, so that it can be posted to a worker. */
export interface TfjsWebgpuSettings {
  /**
   * tfjs's back end: `webgpu` (the default), `wasm`, or `cpu` (plain JavaScript, for tests and tiny models). A page,
   * worker or process has one at a time; what was asked for is started or refused.
   */
  readonly accelerator?: TfjsAccelerator | undefined;
  /**
   * Threads of the back end `wasm`: one by default. More need a cross-origin isolated page, and tfjs takes at most half
   * of the cores. It starts once a page or worker, so the first model that opens there decides.
   */
  readonly threads?: number | undefined;
  /**
   * Where the `.wasm` files of `@tensorflow/tfjs-backend-wasm/dist` are served: a folder's address, or that of each by
   * its name; relative ones are relative to the page. By default the page's own folder; Node needs none.
   */
  readonly wasmPaths?: TfjsWasmPaths | undefined;
}

/** Options of `tfjsWebgpu`. */
export interface TfjsWebgpuOptions extends TfjsWebgpuSettings, AdapterOptions {
  /** Where models come from; by default a verified cache, then the card's addresses. */
  readonly source?: ModelSource | undefined;
}

/** The runtime that computes in the thread it is called in. */
export function createTfjs(
  options: TfjsWebgpuSettings & { readonly source: ModelSource },
): Runtime<BrowserImage> {
  const settings = requireSettings(options);
  return {
    name: NAME,
    format: 'tfjs',
    provides: [],
    source: options.source,
    async probe(): Promise<Probe> {
      try {
        await requireBackend(await loadVendor(settings.accelerator), settings);
        return { ok: true };
      } catch (error) {
        return { ok: false, reason: firstLine(error) };
      }
    },
    async open(model, { signal } = {}) {
      signal?.throwIfAborted();
      const opening = loadVendor(settings.accelerator).then(async (vendor) => {
        const lease = await leaseBackend(vendor, settings, { signal });
        try {
          return { engine: await openEngine(lease, model), device: lease.gpu?.device };
        } catch (error) {
          lease.release();
          throw error;
        }
      });
      try {
        const { engine, device } = await abortable(opening, signal);
        const stages =
          device === undefined ? createWebStages(model) : await createGpuStages({ model, device });
        return { session: createAdapterSession(NAME, model.variant, engine), stages };
      } catch (error) {
        // an aborted opening rejects at once, and what it makes all the same is released
        void opening.then(({ engine }) => engine.release()).catch(() => {});
        throw error;
      }
    },
  };
}

/** @throws SegmentError `invalid-input` */
export function requireSettings({
  accelerator = 'webgpu',
  threads,
  wasmPaths,
}: TfjsWebgpuSettings): Settings {
  if (!['webgpu', 'wasm', 'cpu'].includes(accelerator)) {
    throw new SegmentError('invalid-input', 'accelerator', {
      expected: 'webgpu, wasm or cpu',
      received: accelerator,
    });
  }
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
    throw new SegmentError('invalid-input', 'threads', {
      expected: 'a whole number from 1',
      received: `${threads}`,
    });
  }
  return { accelerator, threads, wasmPaths };
}
