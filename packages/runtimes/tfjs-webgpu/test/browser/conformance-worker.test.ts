import { runConformance } from '@seg/testkit';
import { describe, it } from 'vitest';
import { tfjsWebgpu } from '../../src/index.ts';
import { killWorkers, onSoftwareGpu, wasmPaths, workerUrl } from './helpers.ts';

for (const accelerator of ['webgpu', 'wasm'] as const) {
  runConformance(
    {
      name: `tfjs-webgpu in Chromium, ${accelerator}, in a worker`,
      runtime: () => tfjsWebgpu({ accelerator, wasmPaths, mode: 'worker', workerUrl }),
      ...(accelerator === 'webgpu' && { skipModels: onSoftwareGpu }),
      means: { killWorkers },
    },
    { describe, it },
  );
}
