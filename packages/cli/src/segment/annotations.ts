import {
  type ClassMap,
  type CompressedRle,
  type Coverage,
  compressRle,
  encodeRle,
  type Mask,
  type ModelCard,
  type Polygon,
  tracePolygons,
} from '@seg/core';
import { maskOf } from './paint.ts';

/** How far a polygon's outline may be from the pixels' edges, in pixels. */
const TOLERANCE = 1;

/** What annotations are made from. */
export interface Annotated {
  readonly fileName: string;
  readonly card: ModelCard;
  readonly classMap: Pick<ClassMap, 'width' | 'height' | 'data' | 'labels'>;
  /** The labels to write: found, and selected. */
  readonly found: readonly Coverage[];
}

/** The selection as one mask, as pycocotools' `mask.decode` takes it. */
export function rleDocument(mask: Pick<Mask, 'width' | 'height' | 'data'>): CompressedRle {
  return compressRle(encodeRle(mask));
}

/**
 * A COCO document (https://cocodataset.org/#format-data) with one annotation a label. Its category ids are the label
 * indexes.
 */
export function cocoDocument({ fileName, card, classMap, found }: Annotated): object {
  const { width, height } = classMap;
  return {
    info: { description: `Segmented by the model ${card.id} (revision ${card.revision})` },
    images: [{ id: 1, file_name: fileName, width, height }],
    annotations: found.map((label, at) =>
      annotation(at + 1, label, rleDocument(maskOf(classMap, [label.index]))),
    ),
    categories: card.labels.names.map((name, id) => ({ id, name, supercategory: card.labels.id })),
  };
}

function annotation(id: number, { index, pixels, box }: Coverage, segmentation: CompressedRle): object {
  return {
    id,
    image_id: 1,
    category_id: index,
    segmentation,
    area: pixels,
    bbox: [box.x, box.y, box.width, box.height],
    iscrowd: 0,
  };
}

/** The outlines of each label: rings of [x, y] in pixels, holes apart. */
export function polygonsDocument({ classMap, found }: Annotated): object {
  const { width, height } = classMap;
  return {
    width,
    height,
    tolerance: TOLERANCE,
    labels: found.map(({ index, name }) => ({
      index,
      name,
      polygons: outlines(maskOf(classMap, [index])),
    })),
  };
}

function outlines(mask: Pick<Mask, 'width' | 'height' | 'data'>): readonly Polygon[] {
  return tracePolygons(mask, { tolerance: TOLERANCE });
}
