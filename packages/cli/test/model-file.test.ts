import { copyFile, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findCard } from '@seg/models';
import { beforeEach, expect, test, vi } from 'vitest';
import { hasShared, placeTiny, seg, segJson, shared, temporaryFolder, writePicture } from './helpers.ts';

let folder: string;
let photo: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  photo = await writePicture(join(folder, 'a.png'));
});

test('a file whose bytes are those of a known model inherits its card', async () => {
  const people = findCard('people');
  const address = people?.variants[0]?.parts[0]?.urls[0] ?? '';
  await copyFile(new URL(address), join(folder, 'renamed.onnx'));
  const { code, json } = await segJson(['segment', photo, '--model', join(folder, 'renamed.onnx')]);
  expect({ code, json }).toMatchObject({
    code: 0,
    json: { model: 'people', variant: people?.variants[0]?.id },
  });
});

test('a card beside the file is found by either name', async () => {
  const model = await placeTiny(folder, 'rgb');
  const argv = ['segment', photo, '--model', model, '--force'];
  expect(await segJson(argv)).toMatchObject({ code: 0, json: { model: 'tiny-rgb' } });
  await rename(join(folder, 'tiny-rgb.card.json'), `${model}.card.json`);
  expect(await segJson(argv)).toMatchObject({ code: 0, json: { model: 'tiny-rgb' } });
});

test('--model CARD.json uses the parts beside it', async () => {
  await placeTiny(folder, 'external');
  const card = join(folder, 'tiny-external.card.json');
  expect(await segJson(['segment', photo, '--model', card])).toMatchObject({
    code: 0,
    json: { model: 'tiny-external' },
  });
  await rm(join(folder, 'tiny-external.bin'));
  const { code, stderr } = await seg(['segment', photo, '--model', card, '--force', '--offline']);
  expect([code, stderr]).toEqual([1, expect.stringContaining('tiny-external.bin')]);
});

test('a file of several parts takes the others from beside it', async () => {
  const model = await placeTiny(folder, 'external');
  expect(await segJson(['segment', photo, '--model', model])).toMatchObject({
    code: 0,
    json: { model: 'tiny-external' },
  });
});

test('a file without a card exits 2, names what is missing, and points to seg card', async () => {
  const model = await placeTiny(folder, 'rgb');
  await rm(join(folder, 'tiny-rgb.card.json'));
  const { code, json } = await segJson(['segment', photo, '--model', model]);
  expect(code).toBe(2);
  const message = expect.stringMatching(
    /tiny-rgb\.card\.json.*labels\.names.*input\.mean.*output\.align.*seg card/,
  );
  expect(json).toEqual({ errors: [{ input: null, code: 'usage', message }] });
});

test('--recipe feeds a file by the recipe of another', async () => {
  const model = await placeTiny(folder, 'rgb');
  const own = join(folder, 'own.onnx');
  // the same network with bytes of its own: an unknown field that protobuf passes over
  await writeFile(own, Buffer.concat([await readFile(model), Buffer.from([0xfa, 0x06, 0x00])]));
  const recipe = join(folder, 'tiny-rgb.card.json');
  const out = join(folder, 'x.png');
  expect(await segJson(['segment', photo, '--model', own, '--recipe', recipe, '-o', out])).toMatchObject({
    code: 0,
    json: { model: 'tiny-rgb' },
  });
  const unfit = await seg(['segment', photo, '--model', own, '--recipe', 'people', '-o', out, '--force']);
  expect(unfit).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('as the file has it, received [1,3,192,192]'),
  });
  const unknown = await seg(['segment', photo, '--model', own, '--recipe', 'peple']);
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean people?') });
});

test('a card beside the file that is not its card is said to be so', async () => {
  const model = await placeTiny(folder, 'rgb');
  const own = join(folder, 'own.onnx');
  await writeFile(own, Buffer.concat([await readFile(model), Buffer.from([0xfa, 0x06, 0x00])]));
  await rename(join(folder, 'tiny-rgb.card.json'), join(folder, 'own.card.json'));
  const { code, stderr } = await seg(['segment', photo, '--model', own]);
  expect([code, stderr]).toEqual([1, expect.stringContaining('is not its card')]);
});

test('a damaged copy of a known model is called damaged', async () => {
  const card = findCard('people');
  const bytes = await readFile(new URL(card?.variants[0]?.parts[0]?.urls[0] ?? ''));
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 4;
  const path = join(folder, 'people.onnx');
  await writeFile(path, bytes);
  const { code, json } = await segJson(['segment', photo, '--model', path]);
  expect({ code, json }).toMatchObject({ code: 1, json: { errors: [{ code: 'integrity' }] } });
});

test('a model without an ONNX variant says which formats it has', async () => {
  const { code, json } = await segJson(['segment', photo, '--model', 'selfie']);
  expect(code).toBe(1);
  const message = expect.stringMatching(/format onnx.*its format is tflite/);
  expect(json).toEqual({ errors: [{ input: null, code: 'unsupported', message }] });
});

test('a file of classes without scores has no soft mask', async () => {
  const model = await placeTiny(folder, 'index');
  const soft = await seg(['segment', photo, '--model', model, '--as', 'mask', '--soft']);
  expect([soft.code, soft.stderr]).toEqual([2, expect.stringContaining('classes without scores')]);
  const cutout = await seg(['segment', photo, '--model', model, '--as', 'cutout']);
  expect([cutout.code, cutout.stderr]).toEqual([0, expect.stringContaining('edges of cut-outs are hard')]);
});

test('--variant chooses among the variants that a file is, and no other', async () => {
  const argv = ['segment', photo, '--model', await placeTiny(folder, 'index'), '--variant'];
  expect(await segJson([...argv, 'int32'])).toMatchObject({ code: 0, json: { variant: 'int32' } });
  expect(await seg([...argv, 'int8'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is the variant'),
  });
});

test.skipIf(!hasShared('models/deeplabv3_257_mv_gpu.onnx'))(
  'a damaged file in the mirror is not used',
  async () => {
    const bytes = await readFile(shared('models/deeplabv3_257_mv_gpu.onnx'));
    bytes[1000] = (bytes[1000] ?? 0) ^ 128;
    await writeFile(join(folder, 'deeplabv3_257_mv_gpu.onnx'), bytes);
    vi.stubEnv('SEG_MODEL_MIRROR', folder);
    const { code, json } = await segJson(['segment', photo, '--model', 'deeplabv3-257', '--offline']);
    vi.unstubAllEnvs();
    expect({ code, json }).toMatchObject({ code: 1, json: { errors: [{ code: 'integrity' }] } });
  },
);
