import { runConformance } from '@seg/testkit';
import { describe, it } from 'vitest';
import { vendorAt } from '../../../../../tests/browser/shared.ts';
import { litert } from '../../src/index.ts';

const wasmPaths = vendorAt('litert', '@litertjs/core/wasm');
const workerUrl = '/repo/packages/runtimes/litert/dist/worker.js';

const workers: Worker[] = [];
globalThis.Worker = class extends Worker {
  constructor(...options: ConstructorParameters<typeof Worker>) {
    super(...options);
    workers.push(this);
  }
};
const killWorkers = () => {
  for (const worker of workers.splice(0)) worker.terminate();
};

for (const threads of [1, 2]) {
  for (const mode of ['inline', 'worker'] as const) {
    runConformance(
      {
        name: `litert in Chromium, ${mode}, threads: ${threads}`,
        runtime: () => litert({ threads, mode, wasmPaths, workerUrl }),
        means: {
          unavailable: () => litert({ threads: 1000, mode, wasmPaths, workerUrl }),
          ...(mode === 'worker' && { killWorkers }),
        },
      },
      { describe, it },
    );
  }
}
