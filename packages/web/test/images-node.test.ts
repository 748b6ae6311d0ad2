import { seededImage } from '@seg/testkit';
import { expect, test } from 'vitest';
import { readImage } from '../src/images.ts';

test('in Node pixels are handed through', async () => {
  const image = seededImage(8, 6, 1);
  expect(await readImage(image)).toBe(image);
});

test('and every other kind names what reads files there', async () => {
  for (const image of ['a.jpg', new URL('file:///a.jpg'), new Blob(['x']), new File(['x'], 'a.jpg')]) {
    await expect(readImage(image)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('readPhoto of @seg/node'),
    });
  }
});
