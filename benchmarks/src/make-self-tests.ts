// Writes models/src/self-tests.generated.ts: what the reference computes from each model's seeded picture.
//   SEG_MODEL_MIRROR=../shared/models node benchmarks/src/make-self-tests.ts
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createSegmenter, createSelfTestImage, imageChecksum, readClassMap, type SelfTest } from '@seg/core';
import { findCard } from '@seg/models';
import { onnxNode } from '@seg/onnx-node';

/**
 * For each model a seed whose picture gives two classes of at least 20 %, found by trying. None for aiseg-513: its two files
 * resize differently, and a test of one would call the other wrong.
 */
const SEEDS = {
  people: 130,
  'skin-clothes-hair-512': 72,
  'deeplabv3-257': 119,
  'deeplabv3-513': 44,
};

const size = { width: 16, height: 16 };

async function selfTest(id: string, seed: number): Promise<SelfTest> {
  const model = findCard(id);
  if (model === undefined) throw new Error(`no model ${id}`);
  const segmenter = await createSegmenter({ model, runtime: onnxNode({ threads: 1, mode: 'inline' }) });
  const image = createSelfTestImage(seed);
  const segmentation = await segmenter.segment(image);
  const { data } = await readClassMap(segmentation, { size });
  segmentation.dispose();
  await segmenter.dispose();
  const counts = [...new Set(data)].map((label) => data.filter((other) => other === label).length);
  if (counts.filter((count) => count >= 0.2 * data.length).length < 2) {
    throw new Error(`${id}: seed ${seed} gives classes of ${counts.join(', ')} cells; two must hold 52`);
  }
  return { seed, checksum: imageChecksum(image), classes16x16: [...data] };
}

function constant(id: string, { seed, checksum, classes16x16 }: SelfTest): string {
  const name = id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const rows = Array.from(
    { length: 16 },
    (_, y) => `    ${classes16x16.slice(y * 16, y * 16 + 16).join(', ')},`,
  );
  return [
    `export const ${name}: SelfTest = {`,
    `  seed: ${seed},`,
    `  checksum: ${checksum},`,
    '  // biome-ignore format: one line a row of the class map',
    '  classes16x16: [',
    ...rows,
    '  ],',
    '};',
    '',
  ].join('\n');
}

const constants: string[] = [];
for (const [id, seed] of Object.entries(SEEDS)) constants.push(constant(id, await selfTest(id, seed)));
const header =
  "// Made by benchmarks/src/make-self-tests.ts: do not edit.\nimport type { SelfTest } from '@seg/core';\n";
writeFileSync(
  fileURLToPath(new URL('../../models/src/self-tests.generated.ts', import.meta.url)),
  [header, ...constants].join('\n'),
);
