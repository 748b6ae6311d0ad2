import { basename, dirname, extname, join, parse } from 'node:path';
import {
  type ModelCard,
  type ModelPart,
  type ModelSource,
  type ModelVariant,
  SegmentError,
  sha256Hex,
} from '@seg/core';
import { loadCardFile } from '@seg/node/cache';
import type { ChosenModel, ModelOptions } from './chosen-model.ts';
import { UsageError } from './failure.ts';
import { isFile, readBytes } from './files.ts';
import { inspectFile } from './inspect-file.ts';
import { type CardRecipe, knownCards, knownRecipe } from './known-models.ts';

/** A model file of the user's. */
interface ModelFile {
  readonly path: string;
  readonly format: ModelVariant['format'];
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
}

/** A card, and which of its variants (and of that one's files) the file is. */
interface Match {
  readonly card: ModelCard;
  readonly variant: ModelVariant;
  readonly part: ModelPart;
  /** Where the card was read from; null for a known model. */
  readonly cardPath: string | null;
}

/**
 * A model file with the card that says what it means: `--recipe`, else that of the known model with these bytes, else
 * the one beside it.
 *
 * @throws UsageError where there is none, naming what is missing; SegmentError `io`, `invalid-card`, `invalid-input`
 */
export async function resolveModelFile(
  path: string,
  cache: ModelSource,
  options: ModelOptions,
): Promise<ChosenModel> {
  const bytes = await readBytes(path, options.signal);
  const format = extname(path).toLowerCase() === '.onnx' ? 'onnx' : 'tflite';
  const file = { path, format, bytes, sha256: await sha256Hex(bytes) } as const;
  const match =
    (await matchRecipe(file, options)) ??
    (await matchKnown(file, options)) ??
    (await matchBeside(file, options));
  if (match === null) throw await noCardError(file);
  if (options.variant !== undefined && options.variant !== match.variant.id) {
    throw new UsageError(`${path} is the variant ${match.variant.id}, not ${options.variant}`);
  }
  return {
    card: { ...match.card, variants: [match.variant] },
    variant: match.variant.id,
    // never another file of the same name from elsewhere: loadModel refuses these bytes if they are not the card's
    source: {
      load: async (part, load) => (part.path === match.part.path ? bytes : await cache.load(part, load)),
    },
    files: match.cardPath === null ? [path] : [path, match.cardPath],
  };
}

/** The recipe of another file, for this one: a retrained or requantised model of the same make. */
async function matchRecipe(
  file: ModelFile,
  { recipe, variant, signal }: ModelOptions,
): Promise<Match | null> {
  if (recipe === undefined) return null;
  const { card, recipes, path } = await readRecipes(recipe, signal);
  const [chosen] = recipes.filter(({ id, format }) => format === file.format && (variant ?? id) === id);
  if (chosen === undefined) {
    const wanted =
      variant === undefined ? `a variant in the format ${file.format}` : `the variant ${variant}`;
    throw new UsageError(`${recipe} has no recipe for ${file.path}: ${wanted} is not in it`);
  }
  const part = { path: basename(file.path), bytes: file.bytes.length, sha256: file.sha256, urls: [] };
  return { card, variant: { ...chosen, parts: [part] }, part, cardPath: path };
}

async function readRecipes(
  recipe: string,
  signal: AbortSignal,
): Promise<CardRecipe & { readonly path: string | null }> {
  if (!/\.json$/i.test(recipe)) return { ...(await knownRecipe(recipe)), path: null };
  const card = await loadCardFile(recipe, { signal });
  return { card, recipes: card.variants, path: recipe };
}

async function matchKnown(file: ModelFile, { variant }: ModelOptions): Promise<Match | null> {
  const all = (await knownCards()).flatMap((card) => partsOf(card).map((match) => ({ card, ...match })));
  const found = preferred(
    all.filter(({ part }) => part.sha256 === file.sha256),
    variant,
  );
  return found === undefined ? null : { ...found, cardPath: null };
}

async function matchBeside(file: ModelFile, { signal, variant }: ModelOptions): Promise<Match | null> {
  const name = basename(file.path);
  for (const cardPath of cardPathsBeside(file.path)) {
    if (!(await isFile(cardPath))) continue;
    const card = await loadCardFile(cardPath, { signal });
    const all = partsOf(card);
    const same = all.filter(({ part }) => part.sha256 === file.sha256);
    // the same name and other bytes: loadModel will say that the file is not the card's
    const named = all.filter(({ part }) => basename(part.path) === name);
    const found = preferred(same.length > 0 ? same : named, variant);
    if (found !== undefined) return { card, ...found, cardPath };
    throw new SegmentError('invalid-card', `${cardPath} lies beside ${file.path}, but is not its card`, {
      expected: `a part with the path "${name}" or the sha256 ${file.sha256}`,
      received: all.map(({ part }) => `"${part.path}"`).join(', ') || 'no part',
    });
  }
  return null;
}

function partsOf(card: ModelCard): Pick<Match, 'variant' | 'part'>[] {
  return card.variants.flatMap((variant) => variant.parts.map((part) => ({ variant, part })));
}

/** One file may be several variants, which read different outputs of it. */
function preferred<Found extends Pick<Match, 'variant'>>(
  found: readonly Found[],
  variant: string | undefined,
): Found | undefined {
  return found.find(({ variant: { id } }) => id === variant) ?? found[0];
}

/** `own.card.json`, which `seg card own.onnx` writes, and `own.onnx.card.json`. */
function cardPathsBeside(path: string): string[] {
  return [join(dirname(path), `${parse(path).name}.card.json`), `${path}.card.json`];
}

/** What a file cannot say about itself. */
const UNSAID = [
  'labels.names',
  'input.fit',
  'input.order',
  'input.mean',
  'input.std',
  'output.values',
  'output.classes',
  'output.channels',
  'output.align',
];

async function noCardError({ path, format, bytes }: ModelFile): Promise<Error> {
  const resembled = await resembling(path, bytes.length);
  if (resembled !== null) {
    return new SegmentError(
      'integrity',
      `${path} has the name and the size of ${resembled}, but other bytes`,
      {
        hint: `It is damaged, or was changed: fetch it again, or give it a card of its own (seg card ${path})`,
      },
    );
  }
  // what is not even a model is refused as that, and not for want of a card
  if (format === 'onnx') await inspectFile(path, bytes);
  const [beside] = cardPathsBeside(path);
  return new UsageError(
    `${path} is no model that is known here, and has no card (${beside}, or --recipe CARD.json). ` +
      `Missing, because the file does not say it: ${UNSAID.join(', ')}. ` +
      `Write a card with: seg card ${path} --labels NAME,NAME,... --photo PHOTO`,
  );
}

async function resembling(path: string, bytes: number): Promise<string | null> {
  const name = basename(path);
  for (const card of await knownCards()) {
    const parts = card.variants.flatMap((variant) => variant.parts);
    if (parts.some((part) => part.bytes === bytes && basename(part.path) === name))
      return `the model ${card.id}`;
  }
  return null;
}
