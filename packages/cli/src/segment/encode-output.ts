import type { ClassMap, Coverage, Mask, ModelCard, Selection } from '@seg/core';
import { drawCutout, drawOverlay, encodeClassMap, encodeImage, encodeMask, type Photo } from '@seg/node';
import { cocoDocument, polygonsDocument, rleDocument } from './annotations.ts';
import type { OutputKind } from './kinds.ts';
import { cutoutAlpha, forOverlay, maskOf, onlySelected } from './paint.ts';
import type { PlannedOutput } from './plan-outputs.ts';

export interface PhotoSettings {
  readonly selection: Selection | undefined;
  /** The label indexes that the selection means. */
  readonly selected: readonly number[];
  /** `--soft`: the mask, and the alpha of a cut-out, are the scores as they are. */
  readonly soft: boolean;
  /** Whether the model gives scores at all; cut-outs have hard edges where it does not. */
  readonly hasScores: boolean;
  readonly force: boolean;
}

/** A segmented photo, from which outputs are made. */
export interface PhotoView {
  readonly photo: Photo;
  /** As it is called in documents. */
  readonly fileName: string;
  readonly card: ModelCard;
  readonly classMap: ClassMap;
  readonly coverage: readonly Coverage[];
  /** The selection's scores, where an output uses them. */
  readonly soft: Mask | null;
}

/** Cut-outs always do where there are any: their edges look right only so. */
export function usesScores(kind: OutputKind, { soft, hasScores }: PhotoSettings): boolean {
  return (kind === 'mask' && soft) || (kind === 'cutout' && hasScores);
}

/** The bytes of one output. */
export async function encodeOutput(
  { as, format }: PlannedOutput,
  view: PhotoView,
  settings: PhotoSettings,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { photo, classMap } = view;
  const { selected } = settings;
  const mask = () =>
    usesScores(as, settings) && view.soft !== null ? view.soft : maskOf(classMap, selected);
  const alpha = () => (settings.soft ? mask() : cutoutAlpha(mask()));
  const image = { format: format === 'json' ? 'png' : format, signal };
  const annotated = { ...view, found: view.coverage.filter(({ index }) => selected.includes(index)) };
  switch (as) {
    case 'labels':
      return await encodeClassMap(onlySelected(classMap, selected), { signal });
    case 'mask':
      return await encodeMask(mask(), { signal });
    case 'overlay':
      return await encodeImage(drawOverlay(photo.image, forOverlay(classMap, selected)), image);
    case 'cutout':
      return await encodeImage(drawCutout(photo.image, alpha(), { transparent: photo.transparent }), image);
    case 'rle':
      return encodeJson(rleDocument(mask()));
    case 'coco':
      return encodeJson(cocoDocument(annotated));
    case 'polygons':
      return encodeJson(polygonsDocument(annotated));
  }
}

function encodeJson(value: object): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}
