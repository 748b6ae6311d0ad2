// Run by start.test.ts in a process of its own: node start.mjs THREADS
import { createCpuTensor } from '@seg/core';
import { loadTiny } from '@seg/testkit';
import { tfliteWasm } from '../src/node.ts';

let mayEval = true;
try {
  new Function('');
} catch {
  mayEval = false;
}
const runtime = tfliteWasm({ threads: Number(process.argv[2]) });
const { session } = await runtime.open(await loadTiny('rgb', runtime));
const values = Float32Array.from({ length: 768 }, (_, i) => Math.sin(i));
const output = await session.run(createCpuTensor('float32', [1, 16, 16, 3], values));
console.log(JSON.stringify({ mayEval, output: [...(await output.read())].map((value) => value.toFixed(4)) }));
// and nothing is disposed: the process must end all the same
