// The worker of `mode: 'worker'` as bundlers take it: they find the vendor's files by themselves.
import { fetchSource } from '@seg/core';
import { serveRuntime } from '@seg/web/worker-host';
import { createLitert, type LitertSettings } from './runtime.ts';
import { type FilePlace, loadFromWeb } from './web-files.ts';

serveRuntime(({ place = 'bundled', ...settings }: LitertSettings & { place?: FilePlace }) =>
  createLitert(settings, fetchSource, loadFromWeb(place)),
);
