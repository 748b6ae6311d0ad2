import { describe, expect, it } from 'vitest';
import {
  coverageOf,
  createSegmenter,
  readClassMap,
  readCoverage,
  readMask,
  readScores,
  type Segmentation,
  type Selection,
} from '../src/index.ts';
import { fakeRuntime, makeCard } from './fixtures.ts';

/** Left half hair (green), right half skin (blue), lowest quarter background (red). */
async function segmentHalves(
  fit: 'stretch' | 'contain' | 'cover' = 'stretch',
  height = 32,
): Promise<Segmentation> {
  const width = 32;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const color = y >= height * 0.75 ? 0 : x < 16 ? 1 : 2;
      data[(y * width + x) * 3 + color] = 255;
    }
  }
  const model = makeCard({ size: { width: 16, height: 16 }, fit }, { size: { width: 16, height: 16 } });
  const segmenter = await createSegmenter({ model, runtime: fakeRuntime() });
  return segmenter.segment({ format: 'rgb8', width, height, data });
}

describe('views', () => {
  it('readClassMap gives a class for every pixel of the source', async () => {
    const map = await readClassMap(await segmentHalves());
    expect({ ...map, data: null }).toMatchObject({ width: 32, height: 32 });
    expect([map.data[0], map.data[31], map.data[32 * 31]]).toEqual([1, 2, 0]);
    expect(map.labels.names).toEqual(['background', 'hair', 'skin']);
  });

  it('decodes at the model’s size or any other', async () => {
    const segmentation = await segmentHalves();
    expect(await readClassMap(segmentation, { size: 'model' })).toMatchObject({ width: 16, height: 16 });
    expect(await readClassMap(segmentation, { size: { width: 5, height: 9 } })).toMatchObject({
      width: 5,
      height: 9,
    });
    await expect(readClassMap(segmentation, { size: { width: 0, height: 9 } })).rejects.toMatchObject({
      code: 'invalid-input',
    });
  });

  const SELECTIONS: readonly [Selection | undefined, number, number, number][] = [
    [undefined, 255, 255, 0],
    ['hair', 255, 0, 0],
    ['person', 255, 255, 0],
    [['hair', 'background'], 255, 0, 255],
    [{ not: 'hair' }, 0, 255, 255],
    [{ not: ['person'] }, 0, 0, 255],
    [['background', { not: 'skin' }], 255, 0, 255],
    [[], 0, 0, 0],
  ];
  for (const [select, hair, skin, background] of SELECTIONS) {
    it(`readMask of ${JSON.stringify(select)}`, async () => {
      const segmentation = await segmentHalves();
      for (const soft of [false, true]) {
        const { data } = await readMask(segmentation, { select, soft });
        const seen = [data[0], data[31], data[32 * 31]].map((value) => (soft ? Number(value) > 127 : value));
        const expected = [hair, skin, background].map((value) => (soft ? value === 255 : value));
        expect(seen).toEqual(expected);
      }
    });
  }

  it('readScores gives one plane for each selection, 0 to 1', async () => {
    const { planes } = await readScores(await segmentHalves(), { select: ['hair', { not: 'hair' }] });
    expect(planes).toHaveLength(2);
    const sums = planes[0]?.map((score, at) => score + (planes[1]?.[at] ?? 0)) ?? [];
    expect(sums.every((sum) => Math.abs(sum - 1) < 0.002)).toBe(true);
  });

  it('lists the near names of an unknown one', async () => {
    const segmentation = await segmentHalves();
    await expect(readMask(segmentation, { select: 'hairs' })).rejects.toThrow('Did you mean hair?');
    await expect(readMask(segmentation, { select: { not: 'persn' } })).rejects.toThrow(
      'Did you mean person?',
    );
    await expect(readMask(segmentation, { select: 'zebra' })).rejects.toThrow(
      'background, hair, skin, person',
    );
    await expect(readMask(segmentation, { select: 'constructor' })).rejects.toMatchObject({
      code: 'invalid-input',
    });
  });

  it('readCoverage gives share and box of each label, most pixels first', async () => {
    const coverage = await readCoverage(await segmentHalves());
    const total = coverage.reduce((sum, label) => sum + label.pixels, 0);
    expect(total).toBe(32 * 32);
    expect(coverage.map(({ name }) => name).sort()).toEqual(['background', 'hair', 'skin']);
    const hair = coverage.find(({ name }) => name === 'hair');
    expect(hair?.box).toMatchObject({ x: 0, y: 0 });
    expect(hair?.share).toBeCloseTo(0.375, 1);
    expect(coverage.every(({ pixels }, at) => at === 0 || pixels <= (coverage[at - 1]?.pixels ?? 0))).toBe(
      true,
    );
  });

  it('does not count pixels that the model did not see', async () => {
    const segmentation = await segmentHalves('cover', 96);
    const map = await readClassMap(segmentation);
    expect(map.data[0]).toBe(0);
    const coverage = await readCoverage(segmentation);
    expect(coverage.reduce((sum, label) => sum + label.pixels, 0)).toBe(32 * 32);
    expect(coverage.reduce((sum, label) => sum + label.share, 0)).toBeCloseTo(1, 9);
    expect(coverageOf(map).reduce((sum, label) => sum + label.pixels, 0)).toBe(32 * 96);
  });

  it('refuses scores of a model that gives class indexes only', async () => {
    const model = makeCard({}, { values: 'class-index', channels: [], dtype: 'uint8' });
    const segmenter = await createSegmenter({ model, runtime: fakeRuntime() });
    const segmentation = await segmenter.segment({
      format: 'rgb8',
      width: 1,
      height: 1,
      data: new Uint8Array(3),
    });
    await expect(readScores(segmentation, { select: ['hair'] })).rejects.toMatchObject({
      code: 'unsupported',
    });
  });

  it('rejects with the signal’s reason', async () => {
    const segmentation = await segmentHalves();
    await expect(readClassMap(segmentation, { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow(
      'no',
    );
  });
});
