import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSegmenter, readClassMap, readMask } from '@seg/core';
import { readIndexedPng, readPhoto } from '@seg/node';
import { onnxNode } from '@seg/onnx-node';
import { tinyCards, tinySource } from '@seg/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { namesIn, placeTiny, seg, segBin, segJson, temporaryFolder, writePicture } from './helpers.ts';

let folder: string;
let model: string;
let photo: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder, 'model'));
  await mkdir(join(folder, 'photos'));
  model = await placeTiny(join(folder, 'model'), 'rgb');
  photo = await writePicture(join(folder, 'photos', 'disc.png'));
});

/** What the SDK itself says about the photo. */
async function expected(select?: string) {
  const segmenter = await createSegmenter({
    model: tinyCards.rgb,
    runtime: onnxNode({ mode: 'inline', threads: 1 }),
    source: tinySource,
  });
  const segmentation = await segmenter.segment((await readPhoto(photo)).image);
  const classes = (await readClassMap(segmentation)).data;
  const mask = (await readMask(segmentation, { select })).data;
  const soft = (await readMask(segmentation, { select, soft: true })).data;
  await segmenter.dispose();
  return { classes, mask, soft };
}

async function greyOf(path: string): Promise<Uint8Array> {
  const { image } = await readPhoto(path);
  return Uint8Array.from(image.data).filter((_, index) => index % 3 === 0);
}

test('writes every kind of output beside the photo', async () => {
  const kinds = ['labels', 'mask', 'overlay', 'cutout', 'rle', 'coco', 'polygons'];
  const { code, json } = await segJson(['segment', photo, '--model', model, '--as', kinds.join(',')]);
  expect(code).toBe(0);
  expect(await namesIn(join(folder, 'photos'))).toEqual([
    'disc.coco.json',
    'disc.cutout.png',
    'disc.labels.png',
    'disc.mask.png',
    'disc.overlay.png',
    'disc.png',
    'disc.polygons.json',
    'disc.rle.json',
  ]);
  expect(json).toMatchObject({
    model: 'tiny-rgb',
    variant: tinyCards.rgb.variants[0]?.id,
    runtime: 'onnx-node',
    accelerator: 'cpu',
    errors: [],
    photos: [
      { input: photo, width: 48, height: 32, outputs: kinds.map((as) => ({ as, path: expect.any(String) })) },
    ],
  });
});

test('--runtime onnx-web gives the same label map, computed by wasm', async () => {
  const flags = ['--model', model, '--as', 'labels', '--force', '--threads', '1'];
  const { json } = await segJson(['segment', photo, ...flags, '--runtime', 'onnx-web']);
  expect(json).toMatchObject({ runtime: 'onnx-web', accelerator: 'wasm', errors: [] });
  const { data } = await readIndexedPng(join(folder, 'photos', 'disc.labels.png'));
  expect(data).toEqual((await expected()).classes);
});

test('the JSON has exactly the documented fields', async () => {
  const { json } = await segJson(['segment', photo, '--model', model]);
  const share = expect.any(Number);
  const box = { x: share, y: share, width: share, height: share };
  const label = { name: expect.any(String), share, box };
  expect(json).toEqual({
    model: 'tiny-rgb',
    variant: expect.any(String),
    runtime: 'onnx-node',
    accelerator: 'cpu',
    photos: [
      {
        input: photo,
        width: 48,
        height: 32,
        outputs: [{ as: 'overlay', path: join(folder, 'photos', 'disc.overlay.png') }],
        labels: expect.toSatisfy((labels: unknown[]) => labels.length > 1),
        timings: { read: share, prepare: share, run: share, decode: share, encode: share },
      },
    ],
    errors: [],
  });
  expect(json).toMatchObject({ photos: [{ labels: expect.arrayContaining([label]) }] });
});

test('labels, mask and cut-out hold what the SDK says', async () => {
  const { classes, mask, soft } = await expected();
  await seg(['segment', photo, '--model', model, '--as', 'labels,mask,cutout']);
  const at = (kind: string) => join(folder, 'photos', `disc.${kind}.png`);
  expect((await readIndexedPng(at('labels'))).data).toEqual(classes);
  expect(await greyOf(at('mask'))).toEqual(mask);
  const { transparent } = await readPhoto(at('cutout'));
  const alpha = transparent?.data.filter((_, index) => index % 4 === 3);
  expect(alpha).toEqual(soft.map((score) => Math.min(255, Math.max(0, Math.round(score * 2 - 127.5)))));

  await seg(['segment', photo, '--model', model, '--as', 'mask', '--soft', '--force']);
  expect(await greyOf(at('mask'))).toEqual(soft);
});

test('--select keeps what is named, and not: takes away', async () => {
  const { classes } = await expected();
  const labels = join(folder, 'photos', 'disc.labels.png');
  await seg(['segment', photo, '--model', model, '--as', 'labels', '--select', 'red, blue']);
  expect((await readIndexedPng(labels)).data).toEqual(classes.map((label) => (label === 2 ? 0 : label)));
  const { mask } = await expected('green');
  await seg(['segment', photo, '--model', model, '--as', 'mask', '--select', 'anything,not:red,not:blue']);
  expect(await greyOf(join(folder, 'photos', 'disc.mask.png'))).toEqual(mask);
});

test('the overlay tints the background only where it is selected', async () => {
  const { classes } = await expected();
  const source = (await readPhoto(photo)).image.data;
  const overlay = join(folder, 'photos', 'disc.overlay.png');
  const changed = async () => {
    const { data } = (await readPhoto(overlay)).image;
    return classes.map((_, pixel) =>
      data[pixel * 3] === source[pixel * 3] && data[pixel * 3 + 1] === source[pixel * 3 + 1] ? 0 : 1,
    );
  };
  await seg(['segment', photo, '--model', model]);
  expect(await changed()).toEqual(classes.map((label) => (label === 0 ? 0 : 1)));
  await seg(['segment', photo, '--model', model, '--select', 'background', '--force']);
  expect(await changed()).toEqual(classes.map((label) => (label === 0 ? 1 : 0)));
});

describe('-o', () => {
  test.each([
    ['overlay.jpg', 'jpeg'],
    ['overlay.webp', 'webp'],
    ['overlay.png', 'png'],
  ])('%s chooses the format', async (name, format) => {
    const path = join(folder, name);
    expect((await seg(['segment', photo, '--model', model, '-o', path])).code).toBe(0);
    expect((await readPhoto(path)).format).toBe(format);
  });

  test('makes a folder that ends in /, and uses one that exists', async () => {
    const made = join(folder, 'a', 'b');
    expect((await seg(['segment', photo, '--model', model, '-o', `${made}/`])).code).toBe(0);
    expect((await seg(['segment', photo, '--model', model, '-o', made, '--as', 'mask'])).code).toBe(0);
    expect(await namesIn(made)).toEqual(['disc.mask.png', 'disc.overlay.png']);
  });
});

describe('several photos', () => {
  test('come from folders, patterns and names, each once', async () => {
    const photos = join(folder, 'photos');
    await writePicture(join(photos, 'two.jpg'), { format: 'jpeg', seed: 2 });
    await writePicture(join(photos, 'two.overlay.png'));
    await writeFile(join(photos, 'notes.txt'), 'no picture');
    await mkdir(join(photos, 'inside'));
    await writePicture(join(photos, 'inside', 'three.webp'), { format: 'webp', seed: 3 });
    const out = ['--model', model, '-o', `${join(folder, 'out')}/`];
    const named = await segJson(['segment', photos, join(photos, '*.jpg'), photo, ...out]);
    expect(named).toMatchObject({ code: 0, json: { photos: [{}, {}], errors: [] } });
    const deep = await segJson(['segment', `${photos}/**/*.webp`, ...out]);
    expect(deep).toMatchObject({ code: 0, json: { photos: [{ width: 48 }] } });
    expect(await namesIn(join(folder, 'out'))).toEqual([
      'disc.overlay.png',
      'three.overlay.png',
      'two.overlay.png',
    ]);
  });

  test('a bad one is reported and the others are done', async () => {
    const bad = join(folder, 'photos', 'bad.jpg');
    await writeFile(bad, 'this is not a picture');
    const none = join(folder, 'none', '*.jpg');
    const argv = ['segment', bad, none, photo, '--model', model];
    const { code, json, stderr } = await segJson(argv);
    expect(code).toBe(1);
    expect(json).toMatchObject({
      photos: [{ input: photo }],
      errors: [
        { input: none, code: 'io', message: expect.stringContaining('no file matches') },
        { input: bad, code: 'invalid-input', message: expect.stringContaining('is not a picture') },
      ],
    });
    expect(stderr).toContain(`${bad} is not a picture`);
  });
});

describe('- is stdin', () => {
  test('and the output goes to stdout', async () => {
    const input = new Uint8Array(await readFile(photo));
    const { code, bytes, stderr } = await segBin(['segment', '-', '--model', model, '--as', 'labels'], {
      input,
    });
    expect(code).toBe(0);
    expect((await readIndexedPng(bytes)).data).toEqual((await expected()).classes);
    expect(stderr).toContain('(stdout)');
  });

  test('unless -o names a place', async () => {
    const stdin = new Uint8Array(await readFile(photo));
    const out = `${join(folder, 'out')}/`;
    const { code, json } = await segJson(['segment', '-', '--model', model, '--as', 'mask,rle', '-o', out], {
      stdin,
    });
    expect(code).toBe(0);
    expect(json).toMatchObject({ photos: [{ input: '-' }] });
    expect(await namesIn(out)).toEqual(['stdin.mask.png', 'stdin.rle.json']);
  });

  test('and what is not a picture is called stdin', async () => {
    const stdin = new TextEncoder().encode('no picture');
    const { code, stderr } = await seg(['segment', '-', '--model', model], { stdin });
    expect(code).toBe(1);
    expect(stderr).toContain('stdin: the picture is not a picture');
  });

  test.each([
    [['--as', 'mask,overlay'], 'stdout takes one --as'],
    [['--json'], 'both want stdout'],
  ])('with %j it is refused', async (more, message) => {
    const { code, stderr } = await seg(['segment', '-', '--model', model, ...more]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  test('a terminal gets no picture', async () => {
    const { code, stderr } = await seg(['segment', '-', '--model', model], { terminal: 80 });
    expect(code).toBe(2);
    expect(stderr).toContain('stdout is a terminal');
  });
});
