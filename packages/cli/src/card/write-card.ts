import { type LabelSet, sha256Hex } from '@seg/core';
import { readPhoto, writeFileAtomic } from '@seg/node';
import type { Context } from '../context.ts';
import { EXIT_DONE, UsageError } from '../failure.ts';
import { readBytes } from '../files.ts';
import { inspectFile } from '../inspect-file.ts';
import { knownCards, knownLabelSet } from '../known-models.ts';
import { buildCard, type CardParts } from './build-card.ts';
import { type DrawnRecipes, drawRecipes, type PicturePaths, picturePaths } from './draw-recipes.ts';
import { bindLabels, type LabelChannels } from './label-channels.ts';
import { type CardPlace, checkPlaces, partBeside, placeCard } from './place-card.ts';
import { readShapes, type Shapes } from './read-shapes.ts';
import { type UsualRecipe, usualRecipes } from './recipes.ts';

/** The options of `seg card`, as commander parses them. */
export interface CardOptions {
  readonly labels: readonly string[];
  readonly photo?: string;
  readonly recipe?: number;
  readonly outputName?: string;
  readonly output?: string;
  readonly force: boolean;
  readonly json: boolean;
}

/** What is known before anything is drawn or written. */
interface CardPlan {
  readonly place: CardPlace;
  readonly parts: CardParts;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly recipe: UsualRecipe;
  /** The recipes to draw. */
  readonly tried: readonly UsualRecipe[];
  readonly pictures: PicturePaths;
  readonly assumed: readonly string[];
}

/** `seg card`: what the file says is read from it, the rest is asked for or stated as assumed. */
export async function writeCard(file: string, options: CardOptions, context: Context): Promise<number> {
  const plan = await planCard(file, options, context.signal);
  const { place, parts, recipe, assumed } = plan;
  const card = buildCard(parts, recipe, assumed);
  const drawn = await drawPlanned(plan, options, context);
  const text = new TextEncoder().encode(`${JSON.stringify(card, null, 2)}\n`);
  await writeFileAtomic(place.path, text, { force: options.force, signal: context.signal });
  await noteKnown(parts.part.sha256, file, context);
  for (const line of assumed) context.warn(`assumed: ${line}`);
  const chosen = { number: recipe.number, words: recipe.words };
  const report = { card: place.path, model: card.id, recipe: chosen, assumed, ...drawn };
  if (options.json) context.printJson(report);
  else printCard(report, file, options, context);
  return EXIT_DONE;
}

async function planCard(file: string, options: CardOptions, signal: AbortSignal): Promise<CardPlan> {
  const { photo, outputName, force } = options;
  const bytes = await readBytes(file, signal);
  const named = await readLabels(options.labels);
  const description = await inspectFile(file, bytes);
  const shapes = readShapes(description, { labels: named?.names.length ?? null, outputName });
  const labelled = bindLabels(named, shapes.output);
  const values = labelled.isIndex ? 'class-index' : 'logits';
  const recipes = usualRecipes(shapes.input.dtype, { values, classes: labelled.classes });
  const recipe = chooseRecipe(recipes, options.recipe);
  const tried = photo === undefined ? [] : options.recipe === undefined ? recipes : [recipe];
  const place = await placeCard(file, options.output);
  const pictures = picturePaths(place, tried);
  await checkPlaces([place.path, ...pictures.all], photo === undefined ? [file] : [file, photo], force);
  const part = partBeside(place, file, bytes.length, await sha256Hex(bytes));
  const assumed = listAssumptions(shapes, labelled, recipe, options.recipe !== undefined);
  return {
    place,
    parts: { stem: place.stem, shapes, labelled, part },
    bytes,
    recipe,
    tried,
    pictures,
    assumed,
  };
}

async function drawPlanned(
  { parts, bytes, tried: recipes, pictures }: CardPlan,
  { photo: path, force }: CardOptions,
  context: Context,
): Promise<DrawnRecipes> {
  if (path === undefined) return { sheet: null, recipes: [] };
  const photo = await readPhoto(path, { signal: context.signal });
  return await drawRecipes({ parts, bytes, recipes, photo, pictures, force }, context);
}

/** Names, or the id of a known set. */
async function readLabels(names: readonly string[]): Promise<LabelSet | null> {
  const [only] = names;
  if (only === undefined) return null;
  const known = names.length === 1 ? await knownLabelSet(only) : undefined;
  if (known !== undefined) return known;
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new UsageError(`--labels names "${twice}" twice`);
  return { id: 'own', names };
}

function chooseRecipe(recipes: readonly UsualRecipe[], wanted = 1): UsualRecipe {
  const recipe = recipes.find(({ number }) => number === wanted);
  if (recipe !== undefined) return recipe;
  const list = recipes.map(({ number, words }) => `\n  ${number}  ${words}`).join('');
  throw new UsageError(`there is no recipe ${wanted} for this file. The recipes are${list}`);
}

/** What no file says and nobody has said. */
function listAssumptions(
  { input, output, otherOutputs }: Shapes,
  { assumed, classes, isIndex }: LabelChannels,
  recipe: UsualRecipe,
  isChosen: boolean,
): string[] {
  const lines = [...assumed];
  if (!isChosen) lines.push(`the input is normalised as in recipe ${recipe.number} (${recipe.words})`);
  lines.push('the whole picture is stretched to the input (input.fit)');
  lines.push(`the input is laid out as ${input.layout}, the output as ${output.layout}, by their shapes`);
  if (!isIndex && classes === 'exclusive') {
    lines.push(
      'the output holds logits (output.values; where it holds probabilities, only soft masks differ)',
    );
  }
  if (!isIndex) lines.push('the output lies pixel on pixel over the input (output.align: half-pixel)');
  if (otherOutputs.length > 0) {
    lines.push(`the output is "${output.name}" (--output-name; there are also ${otherOutputs.join(', ')})`);
  }
  return lines;
}

async function noteKnown(sha256: string, file: string, context: Context): Promise<void> {
  const isThis = ({ parts }: { parts: readonly { sha256: string }[] }) =>
    parts.some((part) => part.sha256 === sha256);
  const known = (await knownCards()).find(({ variants }) => variants.some(isThis));
  if (known === undefined) return;
  context.warn(`${file} is the known model ${known.id}: seg segment uses that one's card and not this`);
}

interface CardReport extends DrawnRecipes {
  readonly card: string;
}

function printCard(
  { card, sheet, recipes }: CardReport,
  file: string,
  options: CardOptions,
  context: Context,
): void {
  for (const { words, number, path } of recipes)
    context.print(`${`${number}`.padStart(2)}  ${words}: ${path}`);
  if (sheet !== null) context.print(`all of them: ${sheet}`);
  context.print(`card: ${card}`);
  if (options.recipe !== undefined) return;
  const labels = options.labels.length === 0 ? '' : ` --labels ${options.labels.join(',')}`;
  const how =
    sheet === null
      ? '--photo PHOTO shows what each recipe gives'
      : `seg card ${file}${labels} --recipe N --force`;
  context.note(`To choose another recipe: ${how}`);
}
