import { runConformance } from '@seg/testkit';
import { describe, it } from 'vitest';
import { onnxWeb } from '../src/node.ts';

runConformance(
  {
    name: 'onnx-web in Node',
    runtime: () => onnxWeb({ threads: 1 }),
    means: { unavailable: () => onnxWeb({ session: { executionProviders: ['webgpu'] } }) },
  },
  { describe, it },
);
