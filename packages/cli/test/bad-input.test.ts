import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { namesIn, placeTiny, SAMPLE, seg, segJson, temporaryFolder, writePicture } from './helpers.ts';

let folder: string;
let model: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  model = await placeTiny(folder, 'rgb');
});

/** Segments a file with these bytes; expects failure and gives the message. */
async function refusal(name: string, bytes: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  const before = await namesIn(folder);
  const { code, stdout, stderr } = await seg(['segment', path, '--model', model]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(await namesIn(folder)).toEqual(before);
  return stderr;
}

describe('photos', () => {
  test('not an image', async () => {
    expect(await refusal('a.jpg', 'hello')).toContain('a.jpg is not a picture that can be read');
  });

  test('an empty file', async () => {
    expect(await refusal('a.png', '')).toContain('a.png is empty');
  });

  test('a truncated JPEG', async () => {
    const whole = await readFile(SAMPLE);
    expect(await refusal('a.jpg', whole.subarray(0, whole.length / 2))).toContain('a.jpg is cut off');
  });

  test('HEIC is named', async () => {
    const header = Buffer.from('\0\0\0\u0018ftypheic\0\0\0\0mif1heic', 'latin1');
    expect(await refusal('a.heic', header)).toContain(
      'a.heic is a HEIC picture, which is not read. Convert it',
    );
  });

  test('20,000 x 20,000 pixels in the header', async () => {
    const png = await readFile(await writePicture(join(folder, 'small.png')));
    png.writeUInt32BE(20_000, 16);
    png.writeUInt32BE(20_000, 20);
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    expect(await refusal('huge.png', png)).toMatch(/huge.png is too large.*20000 x 20000/);
  });

  test('1 x 1 pixel works', async () => {
    const path = await writePicture(join(folder, 'one.png'), { width: 1, height: 1 });
    const all = 'labels,mask,overlay,cutout,rle,coco,polygons';
    const { code, json } = await segJson(['segment', path, '--model', model, '--as', all]);
    expect({ code, json }).toMatchObject({ code: 0, json: { photos: [{ width: 1, height: 1 }] } });
  });
});

describe('models', () => {
  test('a text file called .onnx', async () => {
    const photo = await writePicture(join(folder, 'a.png'));
    const path = join(folder, 'text.onnx');
    await writeFile(path, 'this is no model');
    const { code, stderr } = await seg(['segment', photo, '--model', path]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/text\.onnx: this file is not an ONNX model/);
  });

  test('one flipped bit, in a few places', async () => {
    const photo = await writePicture(join(folder, 'a.png'));
    const bytes = await readFile(model);
    for (const at of [0, 100, bytes.length - 1]) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      await writeFile(model, flipped);
      const { code, json } = await segJson(['segment', photo, '--model', model]);
      expect({ code, json }).toMatchObject({ code: 1, json: { errors: [{ code: 'integrity' }] } });
    }
  });

  test.each([
    ['a wrong field', { size: { width: 'wide', height: 16 } }, '$.variants[0].input.size.width'],
    ['an unknown field', { colour: 'rgb' }, '$.variants[0].input.colour'],
  ])('a card with %s: the message names its path', async (_, change, path) => {
    const photo = await writePicture(join(folder, 'a.png'));
    const card = JSON.parse(await readFile(join(folder, 'tiny-rgb.card.json'), 'utf8'));
    Object.assign(card.variants[0].input, change);
    await writeFile(join(folder, 'tiny-rgb.card.json'), JSON.stringify(card));
    const { code, json } = await segJson(['segment', photo, '--model', model]);
    expect(code).toBe(1);
    expect(json).toEqual({
      errors: [{ input: null, code: 'invalid-card', message: expect.stringContaining(path) }],
    });
  });

  test.each([
    ['path', { path: '../../evil.onnx' }],
    ['urls[0]', { urls: ['https://example.com/#/../evil.onnx'] }],
    ['urls[0]', { urls: ['../evil.onnx'] }],
  ])('a card whose part leads out of its folder by %s', async (field, change) => {
    const photo = await writePicture(join(folder, 'a.png'));
    const cardPath = join(folder, 'tiny-rgb.card.json');
    const card = JSON.parse(await readFile(cardPath, 'utf8'));
    Object.assign(card.variants[0].parts[0], change);
    await writeFile(cardPath, JSON.stringify(card));
    const { code, stderr } = await seg(['segment', photo, '--model', cardPath]);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`$.variants[0].parts[0].${field}`)]);
  });
});

describe('disks', () => {
  const canMount = tryMount();

  test.skipIf(!canMount)('no permission to write', async () => {
    const [photo, disk] = [await writePicture(join(folder, 'a.png')), await mountDisk('64k')];
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const { code, stderr } = await seg(['segment', photo, '--model', model, '-o', disk]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('the file system is read-only')]);
  });

  test.skipIf(!canMount)('a full disk: said so, and nothing half-written stays', async () => {
    const [photo, disk] = [join(folder, 'a.jpg'), await mountDisk('128k')];
    await copyFile(SAMPLE, photo);
    const { code, stderr } = await seg(['segment', photo, '--model', model, '-o', disk]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('the disk is full')]);
    expect(await namesIn(disk)).toEqual([]);
  });

  async function mountDisk(size: string): Promise<string> {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk]);
    onTestFinished(() => void execFileSync('umount', [disk]));
    return disk;
  }
});

/** Only root may, and not in every container. */
function tryMount(): boolean {
  try {
    execFileSync(
      'sh',
      [
        '-c',
        'd=$(mktemp -d) && mount -t tmpfs -o size=64k tmpfs "$d" && umount "$d"; s=$?; rmdir "$d"; exit $s',
      ],
      {
        stdio: 'ignore',
      },
    );
    return true;
  } catch {
    console.warn('skipped: no permission to write, full disk (a tmpfs cannot be mounted here)');
    return false;
  }
}

/** PNG specification, annex D. */
function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
