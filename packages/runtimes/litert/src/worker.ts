// The worker of `mode: 'worker'` as one file, for pages without a bundler. The vendor's files lie beside it.
import { fetchSource } from '@seg/core';
import { serveRuntime } from '@seg/web/worker-host';
import { createLitert, type LitertSettings } from './runtime.ts';
import { type FilePlace, loadFromWeb } from './web-files.ts';

serveRuntime(({ place, ...settings }: LitertSettings & { place?: FilePlace }) =>
  createLitert(settings, fetchSource, loadFromWeb(place ?? { assets: new URL('.', import.meta.url).href })),
);
