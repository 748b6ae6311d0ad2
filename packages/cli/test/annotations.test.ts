import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CompressedRle, decodeRle, type Point, polygonArea } from '@seg/core';
import { readIndexedPng, readPhoto } from '@seg/node';
import { beforeEach, expect, test } from 'vitest';
import { placeTiny, seg, temporaryFolder, writePicture } from './helpers.ts';

let folder: string;
let labels: Uint8Array;

beforeEach(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder, 'model'));
  const model = await placeTiny(join(folder, 'model'), 'rgb');
  const photo = await writePicture(join(folder, 'a.png'), { width: 120, height: 90 });
  await seg(['segment', photo, '--model', model, '--as', 'labels,mask,rle,coco,polygons']);
  labels = (await readIndexedPng(join(folder, 'a.labels.png'))).data;
});

async function readJson(kind: string) {
  return JSON.parse(await readFile(join(folder, `a.${kind}.json`), 'utf8'));
}

const only = (label: number) => labels.map((each) => (each === label ? 255 : 0));

test('rle is the mask, in the form that pycocotools reads', async () => {
  const rle: CompressedRle = await readJson('rle');
  expect(Object.keys(rle)).toEqual(['size', 'counts']);
  expect(rle.size).toEqual([90, 120]);
  const { image } = await readPhoto(join(folder, 'a.mask.png'));
  expect(decodeRle(rle).data).toEqual(Uint8Array.from(image.data).filter((_, index) => index % 3 === 0));
});

test('coco has an annotation a label, with its own mask, box and area', async () => {
  const { images, annotations, categories } = await readJson('coco');
  expect(images).toEqual([{ id: 1, file_name: 'a.png', width: 120, height: 90 }]);
  const four = ['background', 'red', 'green', 'blue'];
  expect(categories).toEqual(four.map((name, id) => ({ id, name, supercategory: 'tiny-4' })));
  expect(annotations.length).toBeGreaterThan(1);
  for (const [index, annotation] of annotations.entries()) {
    const mask = only(annotation.category_id);
    expect(annotation).toMatchObject({ id: index + 1, image_id: 1, iscrowd: 0 });
    expect(decodeRle(annotation.segmentation).data).toEqual(mask);
    expect(annotation.area).toBe(mask.filter((byte) => byte > 0).length);
    expect(annotation.bbox).toEqual(boxOf(mask, 120));
  }
});

test('polygons outline each label within their tolerance', async () => {
  const document = await readJson('polygons');
  expect(document).toMatchObject({ width: 120, height: 90, tolerance: 1 });
  expect(document.labels.map(({ name }: { name: string }) => name)).not.toContain('background');
  for (const { index, polygons } of document.labels) {
    const area = polygons.reduce(
      (sum: number, polygon: Parameters<typeof polygonArea>[0]) => sum + polygonArea(polygon),
      0,
    );
    const pixels = only(index).filter((byte) => byte > 0).length;
    const outline = polygons.reduce((sum: number, { outer }: { outer: Point[] }) => sum + lengthOf(outer), 0);
    expect(Math.abs(area - pixels)).toBeLessThanOrEqual(outline);
  }
});

function lengthOf(ring: readonly Point[]): number {
  return ring.reduce((sum, [x, y], index) => {
    const [nextX, nextY] = ring[(index + 1) % ring.length] ?? [x, y];
    return sum + Math.hypot(nextX - x, nextY - y);
  }, 0);
}

function boxOf(mask: Uint8Array, width: number): number[] {
  const pixels = [...mask.keys()].filter((pixel) => mask[pixel] !== 0);
  const xs = pixels.map((pixel) => pixel % width);
  const ys = pixels.map((pixel) => Math.floor(pixel / width));
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return [left, top, Math.max(...xs) - left + 1, Math.max(...ys) - top + 1];
}
