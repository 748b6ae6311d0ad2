// The worker of `mode: 'worker'` as one file, the vendor's script inside: for pages without a bundler. The vendor's wasm
// lies beside it.
import { fetchSource } from '@seg/core';
import { serveRuntime } from '@seg/web/worker-host';
import { createOnnxWeb, type OnnxWebSettings } from './runtime.ts';
import { loadForBrowsers } from './vendor.ts';

serveRuntime(({ wasmPaths = new URL('.', import.meta.url).href, ...settings }: OnnxWebSettings) =>
  createOnnxWeb({ ...settings, wasmPaths, source: fetchSource }, loadForBrowsers),
);
