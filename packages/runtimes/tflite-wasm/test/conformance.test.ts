import { runConformance } from '@seg/testkit';
import { describe, it } from 'vitest';
import { tfliteWasm } from '../src/node.ts';

const unavailable = () => {
  Reflect.set(globalThis, 'crossOriginIsolated', false); // as on a page without its headers
  return tfliteWasm({ threads: 2 });
};

for (const threads of [1, 2]) {
  runConformance(
    {
      name: `tflite-wasm in Node, ${threads} thread${threads > 1 ? 's' : ''}`,
      runtime: () => {
        Reflect.deleteProperty(globalThis, 'crossOriginIsolated');
        return tfliteWasm({ threads });
      },
      means: { unavailable },
    },
    { describe, it },
  );
}
