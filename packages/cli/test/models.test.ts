import { createHash } from 'node:crypto';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cards } from '@seg/models';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { hasShared, seg, segJson, shared, temporaryFolder } from './helpers.ts';

let cache: string;

beforeEach(async () => {
  cache = await temporaryFolder();
  vi.stubEnv('SEG_CACHE', cache);
  onTestFinished(() => void vi.unstubAllEnvs());
});

test('list names every model, and --for chooses', async () => {
  const { code, stdout } = await seg(['models', 'list']);
  expect(code).toBe(0);
  for (const { id } of cards) expect(stdout).toMatch(new RegExp(`^${id} `, 'm'));
  const { json } = await segJson(['models', 'list', '--for', 'hair']);
  const ids = cards.filter(({ tasks }) => tasks.includes('hair')).map(({ id }) => id);
  expect(json).toMatchObject({ models: ids.map((id) => ({ id })) });
  expect(json).toMatchObject({
    models: expect.arrayContaining([
      {
        id: 'people',
        title: expect.any(String),
        tasks: expect.any(Array),
        bytes: expect.any(Number),
        license: 'Apache-2.0',
        commercial: expect.any(String),
        formats: ['onnx'],
        atHand: 'ships',
      },
    ]),
  });
});

test('list is cut to the width of a terminal', async () => {
  const { stdout } = await seg(['models', 'list'], { terminal: 60 });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of colours
  const widths = stdout.split('\n').map((line) => line.replace(/\u001b\[\d+m/g, '').length);
  expect(Math.max(...widths)).toBe(60);
});

test('show says what the card says, and its JSON is the card', async () => {
  const { stdout } = await seg(['models', 'show', 'people']);
  expect(stdout).toContain('192 x 192, float32, chw, rgb, stretch');
  expect(stdout).toContain('abea7623b54c3fe772f72a90e6b73954b600805c9aa20729bdc32f164f4c4707');
  const { json } = await segJson(['models', 'show', 'deeplabv3-257']);
  expect(json).toEqual(JSON.parse(JSON.stringify(cards.find(({ id }) => id === 'deeplabv3-257'))));
  for (const { id } of cards) expect((await seg(['models', 'show', id])).code).toBe(0);
});

test('licenses prints every attribution', async () => {
  const { stdout } = await seg(['models', 'licenses']);
  for (const { license } of cards) expect(stdout).toContain(license.attribution);
  const { json } = await segJson(['models', 'licenses']);
  expect(json).toMatchObject({ models: cards.map(({ id, license }) => ({ id, ...license })) });
});

test('where names cache and mirror', async () => {
  vi.stubEnv('SEG_MODEL_MIRROR', '/some/mirror');
  const { json } = await segJson(['models', 'where']);
  expect(json).toEqual({ cache, files: 0, bytes: 0, mirror: '/some/mirror' });
  expect((await seg(['models', 'where'])).stdout).toContain('/some/mirror');
});

test('verify finds what has changed and exits 1', async () => {
  const name = createHash('sha256').update('model').digest('hex');
  await mkdir(join(cache, 'blobs'));
  await writeFile(join(cache, 'blobs', name), 'model');
  expect(await segJson(['models', 'verify'])).toMatchObject({
    code: 0,
    json: { cache, files: [{ ok: true }] },
  });
  await writeFile(join(cache, 'blobs', name), 'modem');
  const { code, stdout } = await seg(['models', 'verify']);
  expect(code).toBe(1);
  expect(stdout).toMatch(/damaged.*\n1 file in .*, 1 damaged/);
});

describe('pull', () => {
  test('gives what ships without asking anybody', async () => {
    const { code, json } = await segJson(['models', 'pull', 'people', 'people']);
    expect({ code, json }).toMatchObject({
      code: 0,
      json: { models: [{ model: 'people', from: 'ships' }], errors: [] },
    });
  });

  test('says whose weights are the user’s to supply', async () => {
    const { code, json, stderr } = await segJson(['models', 'pull', 'face-parsing-512', 'people']);
    expect(code).toBe(1);
    expect(json).toMatchObject({ models: [{ model: 'people' }], errors: [{ input: 'face-parsing-512' }] });
    expect(stderr).toContain('face-parsing-512');
  });

  test.skipIf(!hasShared('models/deeplabv3_257_mv_gpu.onnx'))('finds the mirror', async () => {
    const mirror = await temporaryFolder();
    const file = 'deeplabv3_257_mv_gpu.onnx';
    await copyFile(shared(`models/${file}`), join(mirror, file));
    vi.stubEnv('SEG_MODEL_MIRROR', mirror);
    const { code, json } = await segJson(['models', 'pull', 'deeplabv3-257']);
    expect(code).toBe(0);
    expect(json).toMatchObject({ models: [{ from: 'mirror', bytes: 2765928, paths: [join(mirror, file)] }] });
  });
});

test('labels lists indexes, names, colours and groups', async () => {
  const { stdout } = await seg(['labels', 'people']);
  expect(stdout).toMatch(/^ {2}1 {2}hair {2,}#[0-9a-f]{6}$/m);
  expect(stdout).toContain('person = hair + skin + clothes');
  const { json } = await segJson(['labels', 'people']);
  expect(json).toMatchObject({ model: 'people', groups: { person: ['hair', 'skin', 'clothes'] } });
});
