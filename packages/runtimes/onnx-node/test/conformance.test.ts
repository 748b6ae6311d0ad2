import type { Worker } from 'node:worker_threads';
import { type ConformanceSubject, runConformance } from '@seg/testkit';
import { describe, it } from 'vitest';
import { onnxNode } from '../src/index.ts';

const workers = new Set<Worker>();
process.on('worker', (worker) => workers.add(worker.once('exit', () => workers.delete(worker))));

const subject = (mode: 'worker' | 'inline'): ConformanceSubject => ({
  name: `onnx-node, ${mode}`,
  runtime: () => onnxNode({ mode, threads: 1 }),
  means: {
    unavailable: () => onnxNode({ mode, session: { executionProviders: ['xnnpack'] } }),
    ...(mode === 'worker' && {
      countLive: () => workers.size,
      killWorkers: async () => void (await Promise.all([...workers].map((each) => each.terminate()))),
    }),
  },
});

runConformance(subject('worker'), { describe, it });
runConformance(subject('inline'), { describe, it });
