import { describe, expect, it } from 'vitest';
import { isSegmentError, loadCard, type ModelCard, parseCard } from '../src/index.ts';
import { makeCard } from './fixtures.ts';

/** A copy of the test card with one field changed, by its path; `undefined` takes the field away. */
function changed(path: string, value: unknown): unknown {
  const card: unknown = structuredClone(makeCard());
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  let place = card;
  for (const step of steps) place = Reflect.get(Object(place), step);
  if (value === undefined) Reflect.deleteProperty(Object(place), last);
  else Reflect.set(Object(place), last, value);
  return card;
}

function refusal(value: unknown, base?: string): { path: string | undefined; message: string } {
  try {
    parseCard(value, base);
  } catch (error) {
    if (isSegmentError(error)) {
      expect(error.code).toBe('invalid-card');
      return { path: error.detail.path, message: error.message };
    }
    throw error;
  }
  throw new Error('the card was accepted');
}

describe('parseCard', () => {
  it('accepts a good card, also through JSON, and returns it unchanged', () => {
    const card = makeCard();
    expect(parseCard(JSON.parse(JSON.stringify(card)))).toEqual(card);
  });

  const wrong: readonly [path: string, value: unknown, reported?: string][] = [
    ['schema', 2],
    ['id', '../../evil'],
    ['id', 'Evil'],
    ['title', ''],
    ['tasks.0', 'persons', 'tasks[0]'],
    ['labels.names', []],
    ['labels.colors', [[1, 2]], 'labels.colors[0]'],
    ['license.commercial', 'maybe'],
    ['license', undefined],
    ['groups.person', { not: 'nothing-known' }],
    ['groups.person', ['person']],
    ['groups.hair', 'skin'],
    ['metrics', [{ dataset: 'x', metric: 'mIoU', value: 53, by: 'us' }], 'metrics[0].value'],
    ['variants.0.format', 'coreml', 'variants[0].format'],
    ['variants.0.input.size.width', 0, 'variants[0].input.size.width'],
    ['variants.0.input.std', [1, 0, 1], 'variants[0].input.std[1]'],
    ['variants.0.input.order', 'brg', 'variants[0].input.order'],
    ['variants.0.output.channels', [0, 1, 3], 'variants[0].output.channels[2]'],
    ['variants.0.output.channels', [], 'variants[0].output.channels'],
    ['variants.0.output.channels', [1], 'variants[0].output.classes'],
    ['variants.0.output.threshold', 1, 'variants[0].output.threshold'],
    ['variants.0.output.resizedFrom', { width: 2, height: 2 }, 'variants[0].output.resizedFrom'],
    ['variants.0.parts', [], 'variants[0].parts'],
    ['variants.0.parts.0.bytes', -1, 'variants[0].parts[0].bytes'],
    ['variants.0.parts.0.sha256', 'ABC', 'variants[0].parts[0].sha256'],
    ['selfTest', { seed: 1, checksum: 2, classes16x16: [0] }, 'selfTest.classes16x16'],
  ];
  for (const [path, value, reported = path] of wrong) {
    it(`names the path of ${path} = ${JSON.stringify(value)}`, () => {
      expect(refusal(changed(path, value)).path).toBe(`$.${reported}`);
    });
  }

  it('refuses a field that does not exist and names the near one', () => {
    const { path, message } = refusal(changed('variants.0.input.means', [0, 0, 0]));
    expect(path).toBe('$.variants[0].input.means');
    expect(message).toContain('Did you mean mean?');
  });

  for (const value of [null, [], 'card', 7]) {
    it(`refuses ${JSON.stringify(value)} as a card`, () => expect(refusal(value).path).toBe('$'));
  }

  const PATHS = [
    '../../evil',
    '/etc/passwd',
    'a/../../b',
    'C:\\x',
    'a\\b',
    './a',
    'a//b',
    'a\u0000b',
    'file:x',
  ];
  for (const path of PATHS) {
    it(`keeps a part inside its folder: ${JSON.stringify(path)}`, () => {
      expect(refusal(changed('variants.0.parts.0.path', path)).path).toBe('$.variants[0].parts[0].path');
    });
  }

  const base = 'https://models.example/road/card.json';
  const ADDRESSES = [
    'https://models.example/a/#/../b.onnx',
    '../b.onnx',
    '%2e%2e/b.onnx',
    'a%2f..%2f..%2fb.onnx',
    '/b.onnx',
    '//evil.example/b.onnx',
    'a\\b.onnx',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'data:text/plain,x',
    'https://',
  ];
  for (const url of ADDRESSES) {
    it(`refuses the address ${url}`, () => {
      expect(refusal(changed('variants.0.parts.0.urls', [url]), base).path).toBe(
        '$.variants[0].parts[0].urls[0]',
      );
    });
  }

  it('finds parts beside the card, and takes addresses elsewhere as they are', () => {
    const card = changed('variants.0.parts.0.urls', ['weights/b.onnx', 'https://other.example/b.onnx']);
    expect(parseCard(card, base).variants[0]?.parts[0]?.urls).toEqual([
      'https://models.example/road/model.onnx',
      'https://models.example/road/weights/b.onnx',
      'https://other.example/b.onnx',
    ]);
    const onDisk = parseCard(changed('variants.0.parts.0.urls', ['b.onnx']), 'file:///models/card.json');
    expect(onDisk.variants[0]?.parts[0]?.urls).toEqual([
      'file:///models/model.onnx',
      'file:///models/b.onnx',
    ]);
  });
});

describe('loadCard', () => {
  it('reads a card from its bytes', async () => {
    const card: ModelCard = makeCard();
    expect(await loadCard(new TextEncoder().encode(JSON.stringify(card)))).toEqual(card);
  });

  it('refuses what is not JSON, and what no address leads to', async () => {
    await expect(loadCard(new TextEncoder().encode('<html>'))).rejects.toMatchObject({
      code: 'invalid-card',
    });
    await expect(loadCard('./card.json')).rejects.toMatchObject({ code: 'fetch' });
  });
});
