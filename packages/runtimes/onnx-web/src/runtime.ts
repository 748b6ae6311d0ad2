import {
  abortable,
  createCpuStages,
  type ModelSource,
  type Probe,
  type Runtime,
  SegmentError,
} from '@seg/core';
import { openSession } from './session.ts';
import {
  firstLine,
  type LoadVendor,
  type OnnxWasmPaths,
  type OnnxWebSessionOptions,
  requireSettings,
} from './vendor.ts';

export interface OnnxWebOptions {
  /**
   * Threads that compute one run: on pages that are not cross-origin isolated there is only one, and more are refused.
   * By default the vendor's choice: half of the cores, at most 4; one where there can be no more. The vendor starts once
   * a page, so the first model that opens decides.
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
  /** Where models come from; by default the card's addresses, in Node the cache of `@seg/node` first. */
  readonly source?: ModelSource | undefined;
}

export function createOnnxWeb(options: OnnxWebOptions & { source: ModelSource }, load: LoadVendor): Runtime {
  const { threads, wasmPaths, source } = options;
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
    throw new SegmentError('invalid-input', 'threads', {
      expected: 'a whole number from 1',
      received: `${threads}`,
    });
  }
  const session: OnnxWebSessionOptions = {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4, // what goes wrong is thrown; the vendor's own log would print it a second time
    ...options.session,
  };
  const settings = { threads, wasmPaths, session };
  return {
    name: 'onnx-web',
    format: 'onnx',
    provides: [],
    source,
    async probe(): Promise<Probe> {
      try {
        requireSettings(await load(), settings);
        return { ok: true };
      } catch (error) {
        return { ok: false, reason: firstLine(error) };
      }
    },
    async open(model, { signal } = {}) {
      signal?.throwIfAborted();
      const stages = createCpuStages(model);
      const opening = load().then((vendor) => openSession(vendor, model, settings));
      try {
        return { session: await abortable(opening, signal), stages };
      } catch (error) {
        // an aborted opening rejects at once, and what it makes all the same is released
        void opening.then((opened) => opened.dispose()).catch(() => {});
        stages.dispose();
        throw error;
      }
    },
  };
}
