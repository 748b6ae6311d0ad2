// The worker of `mode: 'worker'` as one file, tfjs and its back ends inside: for pages without a bundler. The wasm files
// lie beside it.
import { fetchSource } from '@seg/core';
import { serveRuntime } from '@seg/web/worker-host';
import { createTfjs, type TfjsWebgpuSettings } from './runtime.ts';

serveRuntime(({ wasmPaths = new URL('.', import.meta.url).href, ...settings }: TfjsWebgpuSettings) =>
  createTfjs({ ...settings, wasmPaths, source: fetchSource }),
);
