import type {
  InputRecipe,
  ModelCard,
  ModelLicense,
  ModelMetric,
  ModelPart,
  ModelVariant,
  OutputRecipe,
  Quantization,
  SelfTest,
} from './card.ts';
import { isSegmentError } from './errors.ts';
import type { Size } from './geometry.ts';
import { type LabelSet, resolveSelection, type Selection } from './labels.ts';
import {
  type Field,
  list,
  matching,
  number,
  object,
  oneOf,
  optional,
  type Reader,
  record,
  refuse,
  text,
  triple,
  whole,
} from './schema.ts';

/**
 * Checks that `value` is a model card and returns a clean copy. `base` is the card's own address: parts are looked for
 * beside it first, and their relative addresses are resolved; without it they stay as they are.
 *
 * @throws SegmentError `invalid-card`, whose message and `detail.path` name the field as a JSON path
 */
export function parseCard(value: unknown, base?: string): ModelCard {
  const card = cardReader(base)({ value, path: '$' });
  checkGroups(card);
  card.variants.forEach((variant, index) => {
    checkOutput(variant.output, card.labels, `$.variants[${index}].output`);
  });
  return card;
}

const ID = matching(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words and digits joined by "-"');
const DTYPE = oneOf('float32', 'uint8', 'int8', 'int32', 'int64');
const LAYOUT = oneOf('hwc', 'chw');
const BYTE = number(0, 255);
const LENGTH = whole(1, 65535);

const size = object<Size>({ width: LENGTH, height: LENGTH });

const quantization = object<Quantization>({
  scale: number(Number.MIN_VALUE, 1e9),
  zeroPoint: whole(-128, 255),
});

const labels = object<LabelSet>({
  id: text,
  names: list(text, 1, 256),
  colors: optional(list(triple(BYTE))),
});

const selection: Reader<Selection> = (field) => {
  if (typeof field.value === 'string') return text(field);
  if (Array.isArray(field.value)) return list(selection)(field);
  return object<{ not: Selection }>({ not: selection })(field);
};

const license = object<ModelLicense>({
  spdx: text,
  attribution: text,
  source: text,
  commercial: oneOf('yes', 'no', 'unclear'),
  why: text,
});

const metric = object<ModelMetric>({ dataset: text, metric: text, value: number(0, 1), by: text });

const selfTest = object<SelfTest>({
  seed: whole(0, 0xffffffff),
  checksum: whole(0, 0xffffffff),
  classes16x16: list(whole(0, 255), 256, 256),
});

const input = object<InputRecipe>({
  name: text,
  size,
  layout: LAYOUT,
  dtype: oneOf('float32', 'uint8', 'int8'),
  quantization: optional(quantization),
  fit: oneOf('stretch', 'contain', 'cover'),
  order: oneOf('rgb', 'bgr'),
  mean: triple(number(-1e6, 1e6)),
  std: triple(number(1e-6, 1e6)),
  extra: optional(oneOf('previous-mask')),
});

const output = object<OutputRecipe>({
  name: text,
  size,
  layout: LAYOUT,
  dtype: DTYPE,
  quantization: optional(quantization),
  values: oneOf('logits', 'probabilities', 'class-index'),
  classes: oneOf('exclusive', 'independent'),
  channels: list(whole(0, 255), 0, 256),
  threshold: number(0.001, 0.999),
  align: oneOf('corners', 'half-pixel'),
  resizedFrom: optional(size),
});

function cardReader(base: string | undefined): Reader<ModelCard> {
  const written = object<ModelPart>({
    path: partPath,
    bytes: whole(1, 2 ** 31 - 1),
    sha256: matching(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits'),
    urls: list((field) => partUrl(field, base)),
  });
  // a folder on any static host is a model: what lies beside the card comes first
  const part: Reader<ModelPart> = (field) => {
    const read = written(field);
    if (base === undefined) return read;
    const beside = new URL(read.path.split('/').map(encodeURIComponent).join('/'), base).href;
    return { ...read, urls: [...new Set([beside, ...read.urls])] };
  };
  const variant = object<ModelVariant>({
    id: ID,
    format: oneOf('onnx', 'tflite', 'tfjs'),
    precision: oneOf('float32', 'float16', 'int8', 'uint8', 'lut8'),
    needs: optional(list(text)),
    input,
    output,
    parts: list(part, 1),
  });
  return object<ModelCard>({
    schema: oneOf(1),
    id: ID,
    revision: text,
    title: text,
    description: optional(text),
    tasks: list(oneOf('person', 'hair', 'face', 'clothes', 'object', 'scene')),
    labels,
    groups: record(selection),
    license,
    metrics: list(metric),
    trainingData: text,
    notes: optional(list(text)),
    selfTest: optional(selfTest),
    variants: list(variant),
  });
}

/** A part stays inside its folder: no way up, no root, no drive, no other separator. */
function partPath(field: Field): string {
  const path = text(field);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  const strange = /[\\:\u0000-\u001f]/.test(path);
  const segments = path.split('/');
  if (strange || segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    return refuse(field, 'a relative path with "/" and without ".."');
  }
  return path;
}

/** http(s) anywhere; file addresses only for cards that are files themselves; nothing that hides where it leads. */
function partUrl(field: Field, base: string | undefined): string {
  const address = text(field);
  const expected = 'an http(s) or file address, or a relative one, without "..", "#" or "\\"';
  const plain = address.replace(/%2e/gi, '.').replace(/%2f|%5c/gi, '/');
  if (/[#\\]/.test(address) || plain.split(/[/?]/).includes('..')) return refuse(field, expected);
  const absolute = /^[a-z][a-z0-9+.-]*:/i.test(address);
  if (!absolute && (base === undefined || address.startsWith('/'))) {
    return address.startsWith('/') ? refuse(field, expected) : address;
  }
  const resolved = URL.canParse(address, base) ? new URL(address, base) : refuse(field, expected);
  const fileAllowed = base === undefined || base.startsWith('file:');
  const allowed = /^https?:$/.test(resolved.protocol) || (resolved.protocol === 'file:' && fileAllowed);
  return allowed ? resolved.href : refuse(field, expected);
}

function checkGroups(card: ModelCard): void {
  for (const name of Object.keys(card.groups)) {
    const field = { value: card.groups[name], path: `$.groups.${name}` };
    if (card.labels.names.includes(name)) refuse(field, 'a name that no label has');
    try {
      resolveSelection(name, card);
    } catch (error) {
      if (!isSegmentError(error)) throw error;
      refuse(field, 'names of labels and groups', `${error.message}`);
    }
  }
}

/** What the readers of single fields cannot see: how the fields of an output fit together. */
function checkOutput(recipe: OutputRecipe, { names }: LabelSet, path: string): void {
  const { values, channels, classes, resizedFrom } = recipe;
  const channelField = { value: channels, path: `${path}.channels` };
  if (values === 'class-index' ? channels.length > 0 : channels.length === 0) {
    refuse(channelField, values === 'class-index' ? 'an empty list' : 'the label of each channel');
  }
  channels.forEach((label, index) => {
    if (label >= names.length) {
      refuse({ value: label, path: `${path}.channels[${index}]` }, `a label index, 0 to ${names.length - 1}`);
    }
  });
  if (classes === 'exclusive' && channels.length === 1) {
    refuse({ value: classes, path: `${path}.classes` }, '"independent" for a lone channel');
  }
  if (resizedFrom === undefined) return;
  const whole =
    isWholeFactor(recipe.size.width, resizedFrom.width) &&
    isWholeFactor(recipe.size.height, resizedFrom.height);
  if (!whole || recipe.align !== 'corners' || values !== 'logits') {
    refuse(
      { value: resizedFrom, path: `${path}.resizedFrom` },
      'logits, aligned corners, and a whole factor between (resizedFrom - 1) and (size - 1)',
    );
  }
}

function isWholeFactor(large: number, small: number): boolean {
  return small > 1 && (large - 1) % (small - 1) === 0;
}
