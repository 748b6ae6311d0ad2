// The worker of `mode: 'worker'` as bundlers take it: they find the vendor's files by themselves.
import { fetchSource } from '@seg/core';
import { serveRuntime } from '@seg/web/worker-host';
import { createOnnxWeb, type OnnxWebSettings } from './runtime.ts';
import { loadForBrowsers } from './vendor.ts';

// Some bundlers (Vite) make one file of this and the vendor, and the vendor's threads, which have this name, start from
// the file that holds its script: there they must find that alone.
if (Reflect.get(globalThis, 'name') === 'em-pthread') {
  void loadForBrowsers('wasm');
} else {
  serveRuntime((settings: OnnxWebSettings) =>
    createOnnxWeb({ ...settings, source: fetchSource }, loadForBrowsers),
  );
}
