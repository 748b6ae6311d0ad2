import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPhoto } from '@seg/node';
import { oddBytes, tinyCards } from '@seg/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { bindLabels } from '../src/card/label-channels.ts';
import { readShapes } from '../src/card/read-shapes.ts';
import { UsageError } from '../src/failure.ts';
import { namesIn, placeTiny, seg, segJson, temporaryFolder, writePicture } from './helpers.ts';

let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder();
});

/** A tiny model's file without its card, as one's own would be. */
async function placeOwn(
  name: 'rgb' | 'nhwc' | 'uint8' | 'int8' | 'index' | 'sigmoid' | 'previous',
): Promise<string> {
  const path = await placeTiny(folder, name);
  await rm(join(folder, `tiny-${name}.card.json`));
  return path;
}

const FOUR = 'background,red,green,blue';

test('writes a card that seg segment takes, and that agrees with the right one', async () => {
  const model = await placeOwn('rgb');
  const argv = ['card', model, '--labels', FOUR, '--output-name', 'logits', '--recipe', '2'];
  const { code, json } = await segJson(argv);
  const path = join(folder, 'tiny-rgb.card.json');
  expect({ code, json }).toMatchObject({
    code: 0,
    json: { card: path, model: 'tiny-rgb', recipe: { number: 2 } },
  });
  const right = tinyCards.rgb.variants[0];
  const [variant] = JSON.parse(await readFile(path, 'utf8')).variants;
  expect(variant.input).toEqual(right?.input);
  expect(variant.output).toEqual({ ...right?.output, align: 'half-pixel' });
  expect(variant.parts).toEqual(right?.parts.map((part) => ({ ...part, urls: [] })));

  const photo = await writePicture(join(folder, 'a.png'));
  const used = await segJson(['segment', photo, '--model', model]);
  expect(used).toMatchObject({ code: 0, json: { model: 'tiny-rgb', photos: [{}] } });
});

test('without a choice it writes recipe 1 and says what it assumed', async () => {
  const { code, stderr } = await seg(['card', await placeOwn('nhwc')]);
  expect(code).toBe(0);
  expect(stderr).toContain('assumed: label names were made up');
  expect(stderr).toContain('assumed: the input is normalised as in recipe 1 (x / 255, RGB)');
  const card = JSON.parse(await readFile(join(folder, 'tiny-nhwc.card.json'), 'utf8'));
  expect(card.variants[0]).toMatchObject({ input: { layout: 'hwc', mean: [0, 0, 0], std: [255, 255, 255] } });
  expect(card.labels.names).toEqual(['background', 'class-1', 'class-2', 'class-3']);
  expect(card.notes.join()).toContain('recipe 1');
});

test('with a photo it draws every usual recipe and a sheet of them', async () => {
  const model = await placeOwn('rgb');
  const photo = await writePicture(join(folder, 'a.png'), { width: 90, height: 60 });
  const { code, json } = await segJson(['card', model, '--labels', FOUR, '--photo', photo]);
  expect(code).toBe(0);
  const numbers = [1, 2, 3, 4, 5, 6, 7];
  const pictures = numbers.map((number) => join(folder, `tiny-rgb.recipe-${number}.png`));
  expect(json).toMatchObject({
    sheet: join(folder, 'tiny-rgb.recipes.png'),
    recipes: pictures.map((path, index) => ({ number: index + 1, path })),
  });
  for (const path of pictures) expect(await readPhoto(path)).toMatchObject({ width: 90, height: 60 });
  // four in a row with gaps of 8
  expect(await readPhoto(join(folder, 'tiny-rgb.recipes.png'))).toMatchObject({
    width: 4 * 98 + 8,
    height: 2 * 68 + 8,
  });
});

test('refuses to replace anything without --force, and an input always', async () => {
  const model = await placeOwn('rgb');
  const photo = await writePicture(join(folder, 'tiny-rgb.recipe-3.png'));
  await writeFile(join(folder, 'tiny-rgb.card.json'), 'mine');
  const before = await namesIn(folder);
  expect(await seg(['card', model])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('exists already'),
  });
  const drawn = await seg(['card', model, '--labels', FOUR, '--photo', photo, '--force']);
  expect(drawn).toMatchObject({ code: 2, stderr: expect.stringContaining('would replace the input') });
  expect(await namesIn(folder)).toEqual(before);
  expect((await seg(['card', model, '--force'])).code).toBe(0);
});

test('a card elsewhere names its file by address', async () => {
  const model = await placeOwn('rgb');
  const elsewhere = await temporaryFolder();
  expect((await seg(['card', model, '--labels', FOUR, '-o', elsewhere])).code).toBe(0);
  const photo = await writePicture(join(folder, 'a.png'));
  const { code, stderr } = await seg([
    'segment',
    photo,
    '--model',
    join(elsewhere, 'tiny-rgb.card.json'),
    '--offline',
  ]);
  expect([code, stderr]).toEqual([0, '']);
});

test('a known label set brings its names', async () => {
  const model = await placeOwn('sigmoid');
  expect((await seg(['card', model, '--labels', 'voc-21'])).code).not.toBe(0); // its sizes are dynamic
  const { code, stderr } = await seg(['card', await placeOwn('rgb'), '--labels', 'voc-21']);
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining('--labels names 21, and the output has 4 channels'),
  ]);
});

describe('files that a card cannot describe', () => {
  test.each(['float16', 'operator', 'two-inputs'] as const)('%s', async (name) => {
    const path = join(folder, 'odd.onnx');
    await writeFile(path, oddBytes(name));
    const { code, stderr } = await seg(['card', path]);
    expect([code, stderr.trim().split('\n').length]).toEqual([1, 1]);
  });

  test('a text file', async () => {
    const path = join(folder, 'text.onnx');
    await writeFile(path, 'no model');
    expect(await seg(['card', path])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('text.onnx'),
    });
  });

  test.each([
    [['--labels', 'a,b'], 'the output has 4 channels'],
    [['--labels', 'a,b,b,c'], 'names "b" twice'],
    [['--recipe', '9'], 'The recipes are'],
    [['--output-name', 'logit'], 'Did you mean logits?'],
    [['-o', 'CARD.txt'], "a card's name ends in .json"],
  ])('%j', async (more, message) => {
    const argv = more.map((word) => (word === 'CARD.txt' ? join(folder, word) : word));
    const { code, stderr } = await seg(['card', await placeOwn('rgb'), ...argv]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  test('class indexes need labels', async () => {
    expect((await seg(['card', await placeOwn('index')])).code).toBe(2);
    expect((await seg(['card', await placeOwn('index'), '--labels', FOUR])).code).toBe(0);
    const card = JSON.parse(await readFile(join(folder, 'tiny-index.card.json'), 'utf8'));
    expect(card.variants[0].output).toMatchObject({ values: 'class-index', channels: [], dtype: 'int64' });
  });

  test('integer inputs are fed raw', async () => {
    await seg(['card', await placeOwn('uint8'), '--labels', FOUR]);
    const card = JSON.parse(await readFile(join(folder, 'tiny-uint8.card.json'), 'utf8'));
    expect(card.variants[0]).toMatchObject({ precision: 'uint8', input: { dtype: 'uint8', std: [1, 1, 1] } });
  });
});

describe('shapes', () => {
  const read = (input: number[], output: (number | string)[], labels: number | null = null) =>
    readShapes(
      {
        inputs: [{ name: 'in', dtype: 'float32', shape: input }],
        outputs: [{ name: 'out', dtype: 'float32', shape: output }],
      },
      { labels },
    ).output;
  const grid = (layout: string, channels: number, width: number, height: number) => ({
    layout,
    channels,
    size: { width, height },
  });

  test.each([
    [[1, 3, 512, 512], [1, 19, 64, 64], grid('chw', 19, 64, 64)],
    [[1, 512, 512, 3], [1, 64, 64, 19], grid('hwc', 19, 64, 64)],
    [[1, 3, 256, 256], [1, 21, 21, 21], grid('chw', 21, 21, 21)],
    [[1, 144, 256, 3], [1, 144, 256, 1], grid('hwc', 1, 256, 144)],
    [[1, 3, 144, 256], [1, 144, 256], grid('hwc', 1, 256, 144)],
    [[1, 224, 224, 3], [1, 12544, 21], grid('hwc', 21, 112, 112)],
    [[1, 224, 224, 3], [1, 12544], grid('hwc', 1, 112, 112)],
    [[1, 3, 512, 512], ['batch', 3, 512, 512], grid('chw', 3, 512, 512)],
    [[1, 3, 96, 192], [1, 4, 24, 48], grid('chw', 4, 48, 24)],
  ])('%j gives %j', (input, output, expected) => {
    expect(read(input, output)).toMatchObject(expected);
  });

  test('the number of labels decides where both layouts fit', () => {
    expect(read([1, 3, 64, 64], [1, 8, 8, 8]).layout).toBe('chw');
    expect(read([1, 3, 64, 64], [1, 16, 16, 16], 16).channels).toBe(16);
    expect(read([1, 3, 64, 64], [1, 9, 8, 8], 8)).toMatchObject({ layout: 'hwc', channels: 8 });
  });

  test.each([[[1, 4, 'h', 'w']], [[1, 1000]], [[1, 4, 10, 40]], [[4]]])('%j is refused', (output) => {
    expect(() => read([1, 3, 64, 64], output)).toThrow('no output of this file');
  });
});

describe('labels and channels', () => {
  const bind = (names: string[], channels: number, dtype: 'float32' | 'int64' = 'float32') => {
    const output = { name: 'o', dtype, layout: 'chw', channels, size: { width: 8, height: 8 } } as const;
    return bindLabels({ id: 'own', names }, output);
  };

  test('as many labels as channels are exclusive', () => {
    expect(bind(['a', 'b', 'c'], 3)).toMatchObject({ classes: 'exclusive', channels: [0, 1, 2] });
  });

  test('one more, or a lone channel, is independent', () => {
    expect(bind(['background', 'skin', 'hair'], 2)).toMatchObject({
      classes: 'independent',
      channels: [1, 2],
    });
    expect(bind(['background', 'person'], 1)).toMatchObject({ classes: 'independent', channels: [1] });
    expect(bind(['person'], 1)).toMatchObject({ channels: [1], labels: { names: ['background', 'person'] } });
  });

  test('other numbers are refused', () => {
    expect(() => bind(['a', 'b'], 4)).toThrow(UsageError);
    expect(() => bind(['a', 'b', 'c'], 1)).toThrow(UsageError);
  });
});
