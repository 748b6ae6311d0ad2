import type { ModelCard, ModelPart, ModelVariant } from '@seg/core';
import { tinyFiles } from './tiny-files.generated.ts';

/** The tiny models by their short names; their ids are `tiny-<name>`. What each is: models/README.md. */
export const tinyModels = [
  'rgb',
  'nhwc',
  'external',
  'uint8',
  'int8',
  'index',
  'slow',
  'sigmoid',
  'previous',
] as const;

export type TinyModel = (typeof tinyModels)[number];

type File = keyof typeof tinyFiles;

const FOUR = ['background', 'red', 'green', 'blue'];
const PERSON = ['background', 'person'];
const HAIR = ['background', 'hair'];
const GRID_16 = { width: 16, height: 16 };
const GRID_8 = { width: 8, height: 8 };

const rgb = variant('tiny-rgb.onnx');
const stored = { scale: 0.0078125, zeroPoint: 0 };

/** Cards of models of a few kB, to test with. Their files come from `tinySource`, or from the addresses in the cards. */
export const tinyCards: Readonly<Record<TinyModel, ModelCard>> = {
  rgb: card('rgb', FOUR, [rgb]),
  external: card('external', FOUR, [
    { ...rgb, parts: [part('tiny-external.onnx'), part('tiny-external.bin')] },
  ]),
  slow: card('slow', FOUR, [{ ...rgb, parts: [part('tiny-slow.onnx')] }]),
  nhwc: card('nhwc', FOUR, [variant('tiny-nhwc.onnx', { layout: 'hwc', order: 'bgr' }, { layout: 'hwc' })]),
  uint8: card('uint8', FOUR, [quantized('uint8', 128)]),
  int8: card('int8', FOUR, [quantized('int8', 0)]),
  index: card('index', FOUR, [
    variant('tiny-index.onnx', {}, { name: 'classes', dtype: 'int64', values: 'class-index', channels: [] }),
    {
      ...variant(
        'tiny-index.onnx',
        {},
        { name: 'classes32', dtype: 'int32', values: 'class-index', channels: [] },
      ),
      id: 'int32',
    },
  ]),
  sigmoid: card('sigmoid', PERSON, [
    variant(
      'tiny-sigmoid.onnx',
      {},
      { name: 'person', size: GRID_16, classes: 'independent', channels: [1], align: 'corners' },
    ),
  ]),
  previous: card('previous', HAIR, [
    variant(
      'tiny-previous.onnx',
      { layout: 'hwc', mean: [0, 0, 0], std: [255, 255, 255], extra: 'previous-mask' },
      { size: GRID_16, channels: [0, 1] },
    ),
  ]),
};

function card(name: TinyModel, names: readonly string[], variants: readonly ModelVariant[]): ModelCard {
  return {
    schema: 1,
    id: `tiny-${name}`,
    revision: '1',
    title: `Tiny ${name}`,
    tasks: ['object'],
    labels: { id: `tiny-${names.length}`, names },
    groups: { anything: { not: 'background' } },
    license: {
      spdx: 'Apache-2.0',
      attribution: 'Seg',
      source: 'https://www.apache.org/licenses/LICENSE-2.0',
      commercial: 'yes',
      why: 'Weights chosen by hand in scripts/make-models.mjs; no data.',
    },
    metrics: [],
    trainingData: 'none',
    variants,
  };
}

function variant(
  file: File,
  input: Partial<ModelVariant['input']> = {},
  output: Partial<ModelVariant['output']> = {},
): ModelVariant {
  return {
    id: 'float32',
    format: 'onnx',
    precision: 'float32',
    input: {
      name: 'input',
      size: GRID_16,
      layout: 'chw',
      dtype: 'float32',
      fit: 'stretch',
      order: 'rgb',
      mean: [127.5, 127.5, 127.5],
      std: [127.5, 127.5, 127.5],
      ...input,
    },
    output: {
      name: 'logits',
      size: GRID_8,
      layout: 'chw',
      dtype: 'float32',
      values: 'logits',
      classes: 'exclusive',
      channels: [0, 1, 2, 3],
      threshold: 0.5,
      align: 'half-pixel',
      ...output,
    },
    parts: [part(file)],
  };
}

function quantized(dtype: 'uint8' | 'int8', zeroPoint: number): ModelVariant {
  const quantization = { ...stored, zeroPoint };
  const integers = variant(
    `tiny-${dtype}.onnx`,
    { layout: 'hwc', dtype, quantization },
    { layout: 'hwc', dtype, quantization: { scale: 0.125, zeroPoint } },
  );
  return { ...integers, id: dtype, precision: dtype };
}

function part(path: File): ModelPart {
  const { bytes, sha256 } = tinyFiles[path];
  return { path, bytes, sha256, urls: [new URL(`../models/${path}`, import.meta.url).href] };
}
