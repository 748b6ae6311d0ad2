// The worker of `mode: 'worker'` as bundlers take it.
import { fetchSource } from '@seg/core';
import { serveRuntime } from '@seg/web/worker-host';
import { createTfjs, type TfjsWebgpuSettings } from './runtime.ts';

serveRuntime((settings: TfjsWebgpuSettings) => createTfjs({ ...settings, source: fetchSource }));
