import { runConformance } from '@seg/testkit';
import { describe, it } from 'vitest';
import { tfjsWebgpu } from '../src/node.ts';

for (const accelerator of ['wasm', 'cpu'] as const) {
  runConformance(
    {
      name: `tfjs-webgpu in Node, ${accelerator}`,
      runtime: () => tfjsWebgpu({ accelerator }),
      means: { unavailable: () => tfjsWebgpu({ accelerator: 'webgpu' }) },
    },
    { describe, it },
  );
}
