// The worker of `mode: 'worker'` as bundlers take it: they find the vendor's files by themselves.
import { fetchSource } from '@seg/core';
import { serveRuntime } from '@seg/web/worker-host';
import { createBrowserPlace } from './browser-place.ts';
import type { TfliteWasmSettings } from './options.ts';
import { createTfliteWasm } from './runtime.ts';

serveRuntime(({ folder, ...settings }: TfliteWasmSettings & { readonly folder?: string }) =>
  createTfliteWasm(settings, createBrowserPlace(folder, fetchSource)),
);
