import { link, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { namesIn, placeTiny, seg, segJson, temporaryFolder, writePicture } from './helpers.ts';

let folder: string;
let model: string;
let photo: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  model = await placeTiny(folder, 'rgb');
  photo = await writePicture(join(folder, 'disc.png'));
});

test('an output that exists stays, unless --force is given', async () => {
  const existing = join(folder, 'disc.overlay.png');
  await writeFile(existing, 'mine');
  const other = await writePicture(join(folder, 'other.png'));
  const { code, json, stderr } = await segJson(['segment', photo, other, '--model', model]);
  expect(code).toBe(1);
  expect(stderr).toContain(`${existing} exists already. Replace it with --force`);
  expect(json).toMatchObject({ photos: [{ input: other }], errors: [{ input: photo, code: 'io' }] });
  expect(await readFile(existing, 'utf8')).toBe('mine');
  expect((await seg(['segment', photo, '--model', model, '--force'])).code).toBe(0);
  expect((await readFile(existing)).subarray(1, 4).toString()).toBe('PNG');
});

test('an input is never overwritten, also with --force and by another name', async () => {
  const before = await readFile(photo);
  const hard = join(folder, 'hard.png');
  const soft = join(folder, 'soft.png');
  await link(photo, hard);
  await symlink(photo, soft);
  for (const output of [photo, hard, soft, model, join(folder, 'tiny-rgb.card.json')]) {
    const as = output.endsWith('.json') ? 'coco' : 'overlay';
    const { code, stderr } = await seg([
      'segment',
      photo,
      '--model',
      model,
      '-o',
      output,
      '--as',
      as,
      '--force',
    ]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/would replace the input|is written as/)]);
  }
  expect(await readFile(photo)).toEqual(before);
});

test('an output beside one photo may be another photo: refused too', async () => {
  const second = await writePicture(join(folder, 'disc.overlay.png'));
  const { code, stderr } = await seg(['segment', photo, second, '--model', model, '--force']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('would replace the input')]);
});

test('two photos that would share an output are refused before any work', async () => {
  await mkdir(join(folder, 'other'));
  const away = await writePicture(join(folder, 'other', 'disc.png'));
  const out = ['-o', `${join(folder, 'out')}/`];
  const { code, stderr } = await seg(['segment', photo, away, '--model', model, ...out]);
  expect([code, stderr]).toEqual([2, expect.stringContaining('would both be written to')]);
  expect(await namesIn(folder)).not.toContain('out');
});

test('photos that differ in their ending alone are all done, under their whole names', async () => {
  const twin = await writePicture(join(folder, 'disc.jpg'), { format: 'jpeg' });
  const other = await writePicture(join(folder, 'other.png'));
  const out = ['-o', `${join(folder, 'out')}/`];
  expect((await seg(['segment', photo, twin, other, '--model', model, ...out])).code).toBe(0);
  expect((await namesIn(join(folder, 'out'))).sort()).toEqual([
    'disc.jpg.overlay.png',
    'disc.png.overlay.png',
    'other.overlay.png',
  ]);
});

test.each([
  [['--as', 'overlay,mask', '-o', 'x.png'], 'takes one photo and one --as'],
  [['--as', 'cutout', '-o', 'x.jpg'], 'JPEG cannot store transparent pixels'],
  [['--as', 'mask', '-o', 'x.webp'], 'mask is written as .png, not as .webp'],
  [['--as', 'coco', '-o', 'x.png'], 'coco is written as .json'],
  [['-o', 'x.tif'], 'overlay is written as .png, .jpg, .jpeg, .webp'],
  [['-o', ''], '-o needs the name'],
])('%j is wrong usage', async (more, message) => {
  const argv = more.map((word) => (word.startsWith('x.') ? join(folder, word) : word));
  const { code, stderr } = await seg(['segment', photo, '--model', model, ...argv]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test('a missing output folder is named, with the way out', async () => {
  const { code, stderr } = await seg(['segment', photo, '--model', model, '-o', join(folder, 'no', 'x.png')]);
  expect(code).toBe(1);
  expect(stderr).toContain(`the folder ${join(folder, 'no')} does not exist. Make it first, or end -o in /`);
});

test('a file where a folder should be is an error, not a trace', async () => {
  const { code, stderr } = await seg(['segment', photo, '--model', model, '-o', `${photo}/`]);
  expect([code, stderr]).toEqual([1, expect.stringContaining('cannot make the folder')]);
});
