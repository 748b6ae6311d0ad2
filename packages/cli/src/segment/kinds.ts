import { nearNames } from '@seg/core';
import { UsageError } from '../failure.ts';

export const OUTPUT_KINDS = ['labels', 'mask', 'overlay', 'cutout', 'rle', 'coco', 'polygons'] as const;

/** What `--as` may ask for. */
export type OutputKind = (typeof OUTPUT_KINDS)[number];

export type OutputFormat = 'png' | 'jpeg' | 'webp' | 'json';

const FORMATS: Readonly<Record<string, OutputFormat>> = {
  '.png': 'png',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.webp': 'webp',
  '.json': 'json',
};

/** The first is the default. */
const ALLOWED: Readonly<Record<OutputKind, readonly OutputFormat[]>> = {
  labels: ['png'],
  mask: ['png'],
  overlay: ['png', 'jpeg', 'webp'],
  cutout: ['png', 'webp'],
  rle: ['json'],
  coco: ['json'],
  polygons: ['json'],
};

export function parseKind(text: string): OutputKind {
  const kind = OUTPUT_KINDS.find((known) => known === text);
  if (kind !== undefined) return kind;
  const [near] = nearNames(text, OUTPUT_KINDS);
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  throw new UsageError(`--as ${text}: expected one of ${OUTPUT_KINDS.join(', ')}.${hint}`);
}

export function defaultFormat(kind: OutputKind): OutputFormat {
  return ALLOWED[kind][0] ?? 'png';
}

/** The format that the ending of a chosen file name means (`extension` with its dot, lower case). */
export function formatOfExtension(kind: OutputKind, extension: string): OutputFormat {
  if (extension === '') return defaultFormat(kind);
  const format = FORMATS[extension];
  if (format !== undefined && ALLOWED[kind].includes(format)) return format;
  const endings = Object.keys(FORMATS).filter((ending) => {
    const known = FORMATS[ending];
    return known !== undefined && ALLOWED[kind].includes(known);
  });
  const why = kind === 'cutout' && format === 'jpeg' ? ' (JPEG cannot store transparent pixels)' : '';
  throw new UsageError(`-o: ${kind} is written as ${endings.join(', ')}, not as ${extension}${why}`);
}
