import { runConformance } from '@seg/testkit';
import { describe, it } from 'vitest';
import { onnxWeb } from '../../src/index.ts';

for (const mode of ['inline', 'worker'] as const) {
  runConformance(
    { name: `onnx-web in Chromium, ${mode}`, runtime: () => onnxWeb({ threads: 1, mode }) },
    { describe, it },
  );
}
