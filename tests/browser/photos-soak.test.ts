// Photos as files, every runtime of a page beside onnx-web by wasm, which its own tests hold against onnx-node. Minutes on
// a GPU that a processor plays, so part of `pnpm soak`.
import { expect, test } from 'vitest';
import deeplabv3257 from '../../models/dist/deeplabv3-257.js';
import { createSegmenter, type Runtime, readClassMap } from '../../packages/core/dist/index.js';
import { agreement } from '../../packages/testkit/dist/index.js';
import type { BrowserImage } from '../../packages/web/dist/index.js';
import { RUNTIMES } from './runtimes.ts';
import { sharedOrSkip } from './shared.ts';

const VOC = [
  '2008_000254',
  '2008_000731',
  '2008_001028',
  '2008_001504',
  '2009_001854',
  '2009_003576',
  '2009_004801',
];
const PHOTOS = [
  ...['astronaut.png', 'boy.jpg', 'chelsea.png'].map((name) => `photos/${name}`),
  ...VOC.map((name) => `eval/voc/JPEGImages/${name}.jpg`),
];
let expected: Promise<Uint8Array[]> | null = null;

/** By onnx-web, whichever runtimes are asked for. */
function reference(photos: readonly string[]): Promise<Uint8Array[]> {
  const create = RUNTIMES['onnx-web, wasm'];
  if (create === undefined) throw new Error('no reference');
  expected ??= classesOf(create(), photos);
  return expected;
}

async function classesOf(runtime: Runtime<BrowserImage>, photos: readonly string[]): Promise<Uint8Array[]> {
  const segmenter = await createSegmenter({ model: deeplabv3257, runtime });
  const maps: Uint8Array[] = [];
  for (const photo of photos) {
    const segmentation = await segmenter.segment(new URL(photo, location.href));
    maps.push((await readClassMap(segmentation)).data);
    segmentation.dispose();
  }
  await segmenter.dispose();
  return maps;
}

for (const [name, create] of Object.entries(RUNTIMES)) {
  test(`ten photos on ${name}: at least 99.9 % as onnx-web`, { timeout: 1_200_000 }, async ({ skip }) => {
    if (import.meta.env.VITE_SEG_SOAK !== '1') skip('long: part of pnpm soak');
    const photos = await sharedOrSkip(PHOTOS, skip);
    const maps = await classesOf(create(), photos);
    const right = await reference(photos);
    const shares = maps.map((map, i) => agreement(map, right[i] ?? new Uint8Array()));
    console.log(`${name}: ${shares.map((share) => (share * 100).toFixed(3)).join(', ')} %`);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.999);
    expect(new Set(maps[0]).size).toBeGreaterThan(1);
  });
}
