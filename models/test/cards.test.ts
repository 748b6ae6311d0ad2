import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  createSelfTestImage,
  imageChecksum,
  type ModelPart,
  type ModelVariant,
  parseCard,
  resolveSelection,
} from '@seg/core';
import { describe, expect, type TestContext, test } from 'vitest';
import { cards, findCard, findRecipe, labelSets, withFile } from '../src/index.ts';
import { readSignature, type TensorInfo } from './signatures.ts';

const folder = new URL('..', import.meta.url);
const shared = new URL(`${process.env.SEG_SHARED ?? '../../../shared'}/`, import.meta.url);

describe.each(cards)('$id', (card) => {
  test('is a card', () => {
    expect(parseCard(JSON.parse(JSON.stringify(card)))).toEqual(card);
  });

  test('has an entry point of its own', async () => {
    const { exports } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
    expect(exports).toHaveProperty([`./${card.id}`]);
    const entry: object = await import(`../src/${card.id}.ts`);
    expect({ ...entry }).toEqual({ default: card }); // require() gives the card itself only if nothing else is exported
  });

  test('knows background and, where it finds people, person', () => {
    const background = resolveSelection('background', card);
    expect(background).toEqual([0]);
    if (!card.tasks.includes('person')) return;
    const person = resolveSelection('person', card);
    expect(person.length).toBeGreaterThan(0);
    expect(person).not.toContain(0);
    if (card.labels.id !== 'voc-21') expect(resolveSelection({ not: 'background' }, card)).toEqual(person);
  });

  test('names its variants by what they are, and has a note where a file has no address', () => {
    const ids = card.variants.map(({ id }) => id);
    expect(ids).toEqual(card.variants.map(({ format, precision }) => `${format}-${precision}`));
    expect(new Set(ids).size).toBe(ids.length);
    const addresses = card.variants.flatMap(({ parts }) => parts.flatMap(({ urls }) => urls));
    for (const address of addresses) expect(address).toMatch(card.id === 'people' ? /^file:/ : /^https:/);
    const missing = card.variants.some(({ parts }) => parts.some(({ urls }) => urls.length === 0));
    if (missing) expect(card.notes?.join()).toContain('SEG_MODEL_MIRROR');
  });

  describe.each(card.variants)('$id', (variant) => {
    test.for(variant.parts)('$path: size and sha256', (part, context) => {
      const bytes = fileOf(part, context);
      expect(bytes.byteLength).toBe(part.bytes);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(part.sha256);
    });

    test('names, elements and types are those of the file', (context) => {
      const [first] = variant.parts;
      if (first === undefined) throw new Error('no parts');
      const { inputs, outputs } = readSignature(variant.format, fileOf(first, context));
      expect(inputs).toEqual([expectedInput(variant)]);
      expect(outputs).toContainEqual(expectedOutput(variant)); // a file may have outputs that nobody reads
    });
  });
});

test('every id is one card', () => {
  expect(new Set(cards.map(({ id }) => id)).size).toBe(cards.length);
  expect(findCard('people')).toBe(cards[0]);
  expect(findCard('nobody')).toBeUndefined();
  const { exports } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
  const entries = Object.keys(exports).filter((key) => key !== '.' && key !== './package.json');
  expect(entries.sort()).toEqual(cards.map(({ id }) => `./${id}`).sort());
});

test.each(labelSets)('label set $id: as many names as it says, all different', ({ id, names, colors }) => {
  expect(names.length).toBe(Number(id.split('-').at(-1)));
  expect(new Set(names).size).toBe(names.length);
  if (colors !== undefined) expect(colors.length).toBe(names.length);
});

test('the two orders of face labels have the same names', () => {
  const [one, other] = ['face-parsing-19', 'celebamask-19'].map((id) =>
    labelSets.find((set) => set.id === id),
  );
  expect([...(one?.names ?? [])].sort()).toEqual([...(other?.names ?? [])].sort());
  expect(one?.names).not.toEqual(other?.names);
});

test("a file of one's own takes the place of weights that a card has not", () => {
  const card = findCard('face-parsing-512');
  const recipe = findRecipe('face-parsing-512');
  expect(card?.variants).toEqual([]);
  if (card === undefined || recipe === undefined) throw new Error('no card, no recipe');
  const part = { path: 'mine.onnx', bytes: 5, sha256: '0'.repeat(64), urls: [] };
  const own = withFile(card, recipe, part);
  expect(parseCard(JSON.parse(JSON.stringify(own)))).toEqual(own);
  expect(own.variants).toEqual([{ ...recipe, parts: [part] }]);
  expect(findRecipe('people')).not.toHaveProperty('parts');
  expect(findRecipe('nobody')).toBeUndefined();
});

test('README.md is what the cards say', () => {
  const script = fileURLToPath(new URL('scripts/make-readme.mjs', folder));
  execFileSync(process.execPath, [script, '--check']); // throws, with its words, where it is not
});

test('weights/ holds what ships and nothing else', () => {
  expect(readdirSync(new URL('weights', folder)).sort()).toEqual(['README.md', 'people.onnx']);
});

/** The bytes of a part: out of the package, or of the shared folder. Without that folder the test is skipped. */
function fileOf({ path, urls }: ModelPart, { skip }: TestContext): Uint8Array {
  const packed = urls.find((address) => address.startsWith('file:'));
  const address = packed === undefined ? new URL(`models/${path}`, shared) : new URL(packed);
  if (packed === undefined && !existsSync(new URL('models/', shared)))
    skip(`no ${shared.href}: set SEG_SHARED`);
  if (path === 'u2netp.onnx' && !existsSync(address)) skip('u2netp.onnx was never at hand: see its card');
  return readFileSync(address);
}

function expectedInput({ input }: ModelVariant): TensorInfo {
  const channels = input.extra === undefined ? 3 : 4;
  const { name, dtype, quantization } = input;
  const elements = input.size.width * input.size.height * channels;
  return { name, elements, dtype, ...(quantization === undefined ? {} : { quantization }) };
}

function expectedOutput({ format, output }: ModelVariant): TensorInfo {
  const channels = output.values === 'class-index' ? 1 : output.channels.length;
  const { name, dtype, quantization } = output;
  const elements = format === 'tfjs' ? Number.NaN : output.size.width * output.size.height * channels;
  return { name, elements, dtype, ...(quantization === undefined ? {} : { quantization }) };
}

describe.each(cards.filter((card) => card.selfTest !== undefined))('the self-test of $id', (card) => {
  const cells = card.selfTest?.classes16x16 ?? [];

  test('holds two classes of 20 % each, so that zeros and noise fail it', () => {
    const counts = [...new Set(cells)].map((label) => cells.filter((other) => other === label).length);
    expect(counts.filter((count) => count >= 0.2 * 256).length).toBeGreaterThanOrEqual(2);
  });

  test('is of the picture that this version draws', () => {
    expect(imageChecksum(createSelfTestImage(card.selfTest?.seed ?? 0))).toBe(card.selfTest?.checksum);
  });
});
