import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIndexedPng, readPhoto } from '@seg/node';
import { describe, expect, test } from 'vitest';
import { hasShared, SAMPLE, segBin, segJson, shared, temporaryFolder } from './helpers.ts';

const GOLDEN = 'golden/deeplabv3_257';

describe.skipIf(!hasShared(GOLDEN, 'models/deeplabv3_257_mv_gpu.onnx'))('golden', () => {
  test('deeplabv3-257 gives the expected class map, 0 of 66,049 pixels different', async () => {
    const out = join(await temporaryFolder(), 'labels.png');
    const photo = shared(`${GOLDEN}/input.jpg`);
    const argv = ['segment', photo, '--model', 'deeplabv3-257', '--as', 'labels', '-o', out, '--offline'];
    const { code, stderr } = await segBin(argv, { env: { SEG_MODEL_MIRROR: shared('models') } });
    expect([code, stderr]).toEqual([0, '']);
    const { width, height, data } = await readIndexedPng(out);
    expect([width, height]).toEqual([257, 257]);
    const expected = await readFile(shared(`${GOLDEN}/labels_257x257.u8`));
    expect(data.filter((label, pixel) => label !== expected[pixel])).toHaveLength(0);
  });

  test('its JPEG is decoded as in the reference', async () => {
    const { image } = await readPhoto(shared(`${GOLDEN}/input.jpg`));
    const expected = await readFile(shared(`${GOLDEN}/input_257x257x3_rgb.u8`));
    expect(Buffer.from(image.data).equals(expected)).toBe(true);
  });
});

test('the sample photo shows a person, with the model that ships and no network', async () => {
  const out = `${await temporaryFolder()}/`;
  const { code, json } = await segJson(['segment', SAMPLE, '-o', out, '--as', 'overlay,cutout', '--offline']);
  expect(code).toBe(0);
  expect(json).toMatchObject({
    model: 'people',
    photos: [{ labels: expect.arrayContaining([expect.objectContaining({ name: 'hair' })]) }],
  });
  const { transparent } = await readPhoto(join(out, 'sample.cutout.png'));
  const alpha = transparent?.data.filter((_, index) => index % 4 === 3) ?? new Uint8Array();
  // solid inside, gone outside: no haze over the whole picture
  const share = (test: (byte: number) => boolean) => alpha.filter(test).length / alpha.length;
  expect(share((byte) => byte === 0)).toBeGreaterThan(0.3);
  expect(share((byte) => byte === 255)).toBeGreaterThan(0.2);
});
