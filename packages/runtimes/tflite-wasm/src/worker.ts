// The worker of `mode: 'worker'` as one file, the vendor's glue inside: for pages without a bundler. The vendor's wasm,
// and the script of its threads, lie beside it.
import { fetchSource } from '@seg/core';
import { serveRuntime } from '@seg/web/worker-host';
import { createBrowserPlace } from './browser-place.ts';
import type { TfliteWasmSettings } from './options.ts';
import { createTfliteWasm } from './runtime.ts';

serveRuntime(
  ({
    folder = new URL('.', import.meta.url).href,
    ...settings
  }: TfliteWasmSettings & { readonly folder?: string }) =>
    createTfliteWasm(settings, createBrowserPlace(folder, fetchSource)),
);
