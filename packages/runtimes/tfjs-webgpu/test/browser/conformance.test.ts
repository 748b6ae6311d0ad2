import { type ConformanceMeans, runConformance } from '@seg/testkit';
import { describe, it } from 'vitest';
import { countReadbacks, countTensors, currentDevice, inline, onSoftwareGpu } from './helpers.ts';

const means: ConformanceMeans = {
  unavailable: () => inline('wasm', { threads: 1000 }),
  countLive: countTensors,
};
const onGpu: ConformanceMeans = { countReadbacks, loseDevice: () => currentDevice().destroy() };

for (const accelerator of ['webgpu', 'wasm', 'cpu'] as const) {
  runConformance(
    {
      name: `tfjs-webgpu in Chromium, ${accelerator}, inline`,
      runtime: () => inline(accelerator),
      means: { ...means, ...(accelerator === 'webgpu' && onGpu) },
      ...(accelerator === 'webgpu' && { skipModels: onSoftwareGpu }),
    },
    { describe, it },
  );
}
