import { dirname, join } from 'node:path';
import {
  type Coverage,
  coverageOf,
  createSegmenter,
  type ModelCard,
  type PixelImage,
  readClassMap,
  resolveSelection,
} from '@seg/core';
import { drawOverlay, encodeImage, type Photo, writeFileAtomic } from '@seg/node';
import type { Context } from '../context.ts';
import { createRuntime } from '../runtimes.ts';
import { forOverlay } from '../segment/paint.ts';
import { buildCard, type CardParts } from './build-card.ts';
import { contactSheet, fitInto, shrink } from './contact-sheet.ts';
import type { CardPlace } from './place-card.ts';
import type { UsualRecipe } from './recipes.ts';

/** Pixels: large enough to judge by, small enough to draw fourteen. */
const OVERLAY_SIDE = 640;
const SHEET_SIDE = 320;

/** What was drawn. */
export interface DrawnRecipes {
  /** All of them on one picture; null where there is only one. */
  readonly sheet: string | null;
  readonly recipes: readonly {
    readonly number: number;
    readonly words: string;
    readonly path: string;
    readonly labels: readonly Pick<Coverage, 'name' | 'share'>[];
  }[];
}

export interface PicturePaths {
  readonly sheet: string | null;
  readonly overlays: readonly string[];
  readonly all: readonly string[];
}

/** Beside the card. */
export function picturePaths({ path, stem }: CardPlace, recipes: readonly UsualRecipe[]): PicturePaths {
  const folder = dirname(path);
  const overlays = recipes.map(({ number }) => join(folder, `${stem}.recipe-${number}.png`));
  const sheet = recipes.length > 1 ? join(folder, `${stem}.recipes.png`) : null;
  return { sheet, overlays, all: sheet === null ? overlays : [...overlays, sheet] };
}

export interface DrawRequest {
  readonly parts: CardParts;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly recipes: readonly UsualRecipe[];
  readonly photo: Photo;
  readonly pictures: PicturePaths;
  readonly force: boolean;
}

/** Segments the photo once by each recipe, and writes an overlay of each and a sheet of all. */
export async function drawRecipes(request: DrawRequest, context: Context): Promise<DrawnRecipes> {
  const { parts, bytes, recipes, photo, pictures, force } = request;
  const { signal } = context;
  const small = shrink(photo.image, fitInto(photo, OVERLAY_SIDE));
  const write = async (path: string, image: PixelImage): Promise<void> =>
    await writeFileAtomic(path, await encodeImage(image, { format: 'png', signal }), { force, signal });
  const drawn: DrawnRecipes['recipes'][number][] = [];
  const thumbnails: PixelImage[] = [];
  for (const [index, recipe] of recipes.entries()) {
    const { overlay, labels } = await tryRecipe(buildCard(parts, recipe, []), bytes, photo, small, signal);
    const path = pictures.overlays[index] ?? '';
    await write(path, overlay);
    drawn.push({ number: recipe.number, words: recipe.words, path, labels });
    thumbnails.push(shrink(overlay, fitInto(overlay, SHEET_SIDE)));
  }
  if (pictures.sheet !== null) await write(pictures.sheet, contactSheet(thumbnails));
  return { sheet: pictures.sheet, recipes: drawn };
}

async function tryRecipe(
  model: ModelCard,
  bytes: Uint8Array<ArrayBuffer>,
  photo: Photo,
  small: PixelImage,
  signal: AbortSignal,
): Promise<{ overlay: PixelImage; labels: Pick<Coverage, 'name' | 'share'>[] }> {
  const source = { load: () => Promise.resolve(bytes) };
  const segmenter = await createSegmenter({
    model,
    runtime: await createRuntime('onnx-node'),
    source,
    signal,
  });
  try {
    const segmentation = await segmenter.segment(photo.image, { signal });
    const size = { width: small.width, height: small.height };
    const classMap = await readClassMap(segmentation, { size, signal });
    const labels = coverageOf(classMap, segmentation.placement).map(({ name, share }) => ({ name, share }));
    return { overlay: drawOverlay(small, forOverlay(classMap, resolveSelection(undefined, model))), labels };
  } finally {
    await segmenter.dispose();
  }
}
