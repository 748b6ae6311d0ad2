import { runConformance } from '@seg/testkit';
import { describe, it } from 'vitest';
import { tfliteWasm } from '../../src/index.ts';

for (const mode of ['inline', 'worker'] as const) {
  runConformance(
    { name: `tflite-wasm in Chromium, ${mode}`, runtime: () => tfliteWasm({ threads: 1, mode }) },
    { describe, it },
  );
}
runConformance(
  {
    name: 'tflite-wasm in Chromium, worker, 2 threads',
    runtime: () => tfliteWasm({ threads: 2, mode: 'worker' }),
  },
  { describe, it },
);
