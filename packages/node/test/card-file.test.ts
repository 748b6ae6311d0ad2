import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ModelCard } from '@seg/core';
import { expect, test } from 'vitest';
import { createModelCache, loadCardFile } from '../src/cache.ts';
import { errorOf, noise, partOf, temporaryFolder } from './helpers.ts';

const bytes = noise(1000);

function cardWith(urls: string[]): ModelCard {
  const size = { width: 8, height: 8 };
  return {
    schema: 1,
    id: 'tiny',
    revision: '1',
    title: 'Tiny',
    tasks: ['person'],
    labels: { id: 'two', names: ['background', 'person'] },
    groups: {},
    license: {
      spdx: 'CC0-1.0',
      attribution: 'nobody',
      source: 'https://example.com/',
      commercial: 'yes',
      why: 'made up',
    },
    metrics: [],
    trainingData: 'none',
    variants: [
      {
        id: 'onnx-float32',
        format: 'onnx',
        precision: 'float32',
        input: {
          name: 'x',
          size,
          layout: 'hwc',
          dtype: 'float32',
          fit: 'stretch',
          order: 'rgb',
          mean: [0, 0, 0],
          std: [1, 1, 1],
        },
        output: {
          name: 'y',
          size,
          layout: 'hwc',
          dtype: 'float32',
          values: 'logits',
          classes: 'exclusive',
          channels: [0, 1],
          threshold: 0.5,
          align: 'half-pixel',
        },
        parts: [partOf(bytes, 'weights/t #1.onnx', urls)],
      },
    ],
  };
}

test.each([[['https://example.com/t.onnx']], [['weights/t%20x.onnx']], [[]]])(
  'a folder is a model, urls %j',
  async (urls) => {
    const folder = join(await temporaryFolder(), 'a folder #1 100%');
    await mkdir(join(folder, 'weights'), { recursive: true });
    await writeFile(join(folder, 'card.json'), `\ufeff${JSON.stringify(cardWith(urls))}`);
    await writeFile(join(folder, 'weights', 't #1.onnx'), bytes);
    const card = await loadCardFile(join(folder, 'card.json'));
    const part = card.variants[0]?.parts[0] ?? expect.fail('no part');
    expect(part.urls[0]).toBe(pathToFileURL(join(folder, 'weights', 't #1.onnx')).href);
    expect(part.urls).toHaveLength(urls.length + 1);
    const cache = createModelCache({ dir: join(folder, 'cache'), offline: true });
    expect(await cache.load(part)).toEqual(bytes);
  },
);

test('an address that already is beside the card is there once', async () => {
  const path = join(await temporaryFolder(), 'card.json');
  await writeFile(path, JSON.stringify(cardWith(['weights/other.onnx', 'weights/t%20%231.onnx'])));
  expect((await loadCardFile(path)).variants[0]?.parts[0]?.urls).toHaveLength(2);
});

test('refusals', async () => {
  const folder = await temporaryFolder();
  const missing = await errorOf(loadCardFile(join(folder, 'none.json')));
  expect(missing.code).toBe('io');
  expect(missing.message).toContain('no such file');
  const path = join(folder, 'card.json');
  await writeFile(path, '{"schema": 1,');
  const broken = await errorOf(loadCardFile(path));
  expect(broken.code).toBe('invalid-card');
  expect(broken.message).toContain(`${path} is not JSON`);
  await writeFile(path, JSON.stringify({ ...cardWith([]), id: 5 }));
  const wrong = await errorOf(loadCardFile(path));
  expect(wrong).toMatchObject({ code: 'invalid-card', detail: { path: '$.id' } });
  const reason = new Error('enough');
  await expect(loadCardFile(path, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
