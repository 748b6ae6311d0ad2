import type { ModelSource } from '@seg/core';
import type { AdapterOptions } from '@seg/web';

/** What decides how the vendor computes: plain data, so that it can be posted to a worker. */
export interface TfliteWasmSettings {
  /**
   * Threads that compute one run: on pages that are not cross-origin isolated there is only one, and more are refused.
   * By default half of the cores, at most 4; one where there can be no more.
   */
  readonly threads?: number | undefined;
}

/** Options of `tfliteWasm`. */
export interface TfliteWasmOptions extends TfliteWasmSettings, AdapterOptions {
  /**
   * The address of a folder that serves `tflite-simd.wasm`, and for threads `tflite-simd-threaded.wasm` and `.mjs`, of
   * this package's `vendor/`; relative to the page. By default where bundlers put them. In Node it is not used.
   */
  readonly wasmPaths?: string | URL | undefined;
  /** Where models come from; by default a verified cache, then the card's addresses. */
  readonly source?: ModelSource | undefined;
}
