import { readFileSync } from 'node:fs';
import { createSegmenter, type ModelCard, type PixelImage, readClassMap } from '@seg/core';
import deeplabv3257 from '@seg/models/deeplabv3-257';
import deeplabv3513 from '@seg/models/deeplabv3-513';
import { createModelCache } from '@seg/node/cache';
import { agreement } from '@seg/testkit';
import { describe, expect, it } from 'vitest';
import { onnxNode } from '../src/index.ts';
import { shared } from './helpers.ts';

/** The rows of a BMP with 1 or 3 bytes a pixel, from the top; three are blue, green, red. */
function readBmp(path: string): { width: number; height: number; data: Uint8Array } {
  const file = readFileSync(path);
  const [start, width, height, channels] = [
    file.readUInt32LE(10),
    file.readInt32LE(18),
    file.readInt32LE(22),
    file.readUInt16LE(28) / 8,
  ];
  const row = Math.ceil((width * channels) / 4) * 4;
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const from = start + (height - 1 - y) * row;
    data.set(file.subarray(from, from + width * channels), y * width * channels);
  }
  return { width, height, data };
}

async function classesOf(model: ModelCard, image: PixelImage): Promise<Uint8Array> {
  const source = createModelCache({ mirror: shared('models') ?? '', offline: true });
  const segmenter = await createSegmenter({
    model,
    runtime: onnxNode({ threads: 1, mode: 'inline', source }),
  });
  const { data } = await readClassMap(await segmenter.segment(image));
  await segmenter.dispose();
  return data;
}

describe.skipIf(shared('golden') === null)('published models give the published answer', () => {
  it('DeepLabV3 257: 0 of 66,049 pixels differ from the golden class map', async () => {
    const data = Uint8Array.from(readFileSync(`${shared('golden')}/deeplabv3_257/input_257x257x3_rgb.u8`));
    const classes = await classesOf(deeplabv3257, { format: 'rgb8', width: 257, height: 257, data });
    const golden = readFileSync(`${shared('golden')}/deeplabv3_257/labels_257x257.u8`);
    expect(golden.filter((label, at) => label !== classes[at]).length).toBe(0);
  });

  it('DeepLabV3 513: the classes of the quantised golden on 98 % of the bird’s pixels', async () => {
    const bird = readBmp(`${shared('golden')}/deeplabv3_513_quant/bird.bmp`);
    const mask = readBmp(`${shared('golden')}/deeplabv3_513_quant/bird_mask.bmp`);
    const data = bird.data.map((_, at, bgr) => bgr[at - (at % 3) + 2 - (at % 3)] ?? 0);
    const classes = await classesOf(deeplabv3513, { format: 'rgb8', width: 513, height: 513, data });
    const share = agreement(classes, mask.data);
    process.stderr.write(`the bird: ${(share * 100).toFixed(2)} % agree\n`);
    expect(share).toBeGreaterThanOrEqual(0.98);
  });
});
