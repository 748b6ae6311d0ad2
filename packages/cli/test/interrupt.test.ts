import { watch } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { encodeImage } from '@seg/node';
import { createRandom } from '@seg/testkit';
import { beforeEach, expect, test } from 'vitest';
import { namesIn, placeTiny, seg, segBin, segJson, temporaryFolder, writePicture } from './helpers.ts';

let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder();
});

/** Noise does not compress: its overlay takes a while to write. */
async function writeNoise(path: string, width: number, height: number): Promise<string> {
  const random = createRandom(1);
  const data = Uint8Array.from({ length: width * height * 3 }, () => random() * 256);
  await writeFile(
    path,
    await encodeImage({ format: 'rgb8', width, height, data }, { format: 'jpeg', quality: 100 }),
  );
  return path;
}

test('an abort in mid-write leaves no half file, and what was there before', async () => {
  const model = await placeTiny(folder, 'rgb');
  const photo = await writeNoise(join(folder, 'noise.jpg'), 2400, 1600);
  const out = join(folder, 'out');
  await mkdir(out);
  await writeFile(join(out, 'noise.overlay.png'), 'mine');
  const interruption = new AbortController();
  const watcher = watch(out, () => interruption.abort(new Error('interrupted')));
  const argv = ['segment', photo, '--model', model, '-o', out, '--force'];
  const { code, json, stderr } = await segJson(argv, { signal: interruption.signal });
  watcher.close();
  expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringContaining('interrupted') });
  expect(json).toMatchObject({ photos: [], errors: [{ input: photo, code: 'interrupted' }] });
  expect(await namesIn(out)).toEqual(['noise.overlay.png']);
  expect(await readFile(join(out, 'noise.overlay.png'), 'utf8')).toBe('mine');
});

test('photos that are done before an abort stay done, and are reported', async () => {
  const model = await placeTiny(folder, 'rgb');
  const first = await writePicture(join(folder, 'first.png'));
  const second = await writeNoise(join(folder, 'second.jpg'), 1200, 800);
  const out = join(folder, 'out');
  await mkdir(out);
  const interruption = new AbortController();
  const watcher = watch(out, (_, name) => {
    if (name === 'first.overlay.png') interruption.abort(new Error('interrupted'));
  });
  const { code, json } = await segJson(['segment', first, second, '--model', model, '-o', out], {
    signal: interruption.signal,
  });
  watcher.close();
  expect(code).toBe(130);
  expect(json).toMatchObject({
    photos: [{ input: first }],
    errors: [{ input: second, code: 'interrupted' }],
  });
  expect(await namesIn(out)).toEqual(['first.overlay.png']);
});

test('Ctrl-C ends the process with 130 and leaves nothing', async () => {
  const model = await placeTiny(folder, 'slow');
  const photos: string[] = [];
  for (const seed of [1, 2, 3, 4, 5, 6])
    photos.push(await writePicture(join(folder, `${seed}.png`), { seed }));
  const out = join(folder, 'out');
  await mkdir(out);
  const { code, stderr } = await segBin(['segment', ...photos, '--model', model, '-o', out], {
    onStart(interrupt) {
      const watcher = watch(out, () => {
        watcher.close();
        interrupt();
      });
    },
  });
  expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringContaining('error: ') });
  const names = await namesIn(out);
  expect(names.length).toBeLessThan(photos.length);
  expect(names.filter((name) => !/^\d\.overlay\.png$/.test(name))).toEqual([]);
});

test('Ctrl-C while stdin is awaited ends the process at once', async () => {
  const model = await placeTiny(folder, 'rgb');
  const started = performance.now();
  const { code } = await segBin(['segment', '-', '--model', model, '-o', join(folder, 'x.png')], {
    keepStdinOpen: true,
    onStart: (interrupt) => void delay(1500).then(interrupt),
  });
  expect(code).toBe(130);
  expect(performance.now() - started).toBeLessThan(6000);
});

test('an abort while a model is loaded exits 130', async () => {
  const photo = await writePicture(join(folder, 'a.png'));
  const interruption = new AbortController();
  const running = seg(['segment', photo], { signal: interruption.signal });
  await delay(5);
  interruption.abort(new Error('interrupted'));
  expect(await running).toMatchObject({ code: 130, stdout: '' });
  expect(await namesIn(folder)).toEqual(['a.png']);
});
