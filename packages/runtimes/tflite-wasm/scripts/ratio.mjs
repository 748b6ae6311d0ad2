// node scripts/ratio.mjs [CARD TFLITE PHOTO [ROUNDS]]: what we add to the vendor. prepare + run + decode against the vendor's
// bare Infer() on the same tensor, in turns, in one process, on one thread. Least and median: on a busy machine the least
// says more. Time is this thread's own where Node tells it (24), so that others' work counts less. Needs the build.
import { readFileSync } from 'node:fs';
import { createCpuStages, createSegmenter, readClassMap } from '@seg/core';
import { readPhoto } from '@seg/node';
import { tfliteWasm } from '@seg/tflite-wasm';
// biome-ignore lint/correctness/useImportExtensions: it takes the declarations for the file
import createModule from '../vendor/tflite-simd.mjs';

function now() {
  const { user, system } = process.threadCpuUsage?.() ?? { user: performance.now() * 1000, system: 0 };
  return (user + system) / 1000;
}

const shared = process.env.SEG_SHARED ?? new URL('../../../../../shared', import.meta.url).pathname;
const photo = `${shared}/photos/boy.jpg`;
const [card, file, picture, rounds = 40] =
  process.argv.length > 2
    ? process.argv.slice(2)
    : ['deeplabv3-257', `${shared}/models/deeplabv3_257_mv_gpu.tflite`, photo];

const { default: model } = await import(`@seg/models/${card}`);
const bytes = new Uint8Array(readFileSync(file));
const { image } = await readPhoto(picture);
const runtime = tfliteWasm({ threads: 1, source: { load: async () => bytes } });
const segmenter = await createSegmenter({ model, runtime });
const bare = await openBare();
const variant = model.variants.find(({ format }) => format === 'tflite');
const stages = createCpuStages({ card: model, variant, parts: [bytes] });
const { tensor } = await stages.prepare(image);

const times = { ours: [], bare: [] };
for (let round = -5; round < Number(rounds); round++) {
  const start = now();
  const segmentation = await segmenter.segment(image);
  await readClassMap(segmentation);
  const end = now();
  bare.input().set(tensor.data);
  const before = now();
  bare.infer();
  const after = now();
  segmentation.dispose();
  if (round < 0) continue; // the engine still compiles
  times.ours.push(end - start);
  times.bare.push(after - before);
}
const least = (list) => Math.min(...list);
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
for (const [name, list] of Object.entries(times)) {
  console.log(`${name.padEnd(8)} least ${least(list).toFixed(2)} ms, median ${median(list).toFixed(2)} ms`);
}
const ratio = (pick) => (pick(times.ours) / pick(times.bare)).toFixed(3);
console.log(
  `${card}, ${image.width} x ${image.height}: ratio of the least ${ratio(least)}, of the medians ${ratio(median)}`,
);
await segmenter.dispose();

async function openBare() {
  const wasmBinary = readFileSync(new URL('../vendor/tflite-simd.wasm', import.meta.url));
  const compiled = await WebAssembly.compile(wasmBinary);
  const glue = await createModule({
    instantiateWasm: (imports, receive) =>
      void WebAssembly.instantiate(compiled, imports).then((instance) => receive(instance, compiled)) || {},
    printErr() {},
  });
  const pointer = glue._malloc(bytes.length);
  glue.HEAPU8.set(bytes, pointer);
  const options = { numThreads: 1, enableProfiling: false, maxProfilingBufferEntries: 1 };
  const runner = glue.TFLiteWebModelRunner.CreateFromBufferAndOptions(pointer, bytes.length, options).value();
  return { input: () => runner.GetInputs().get(0).data(), infer: () => runner.Infer() };
}
