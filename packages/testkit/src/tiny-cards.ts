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
type TfjsName = Extract<File, `${string}.tfjs.bin`> extends `${infer Name}.tfjs.bin` ? Name : never;

const FOUR = ['background', 'red', 'green', 'blue'];
const PERSON = ['background', 'person'];
const HAIR = ['background', 'hair'];
const GRID_16 = { width: 16, height: 16 };
const GRID_8 = { width: 8, height: 8 };

const rgb = variant('tiny-rgb.onnx');
const nhwc = variant('tiny-nhwc.onnx', { layout: 'hwc', order: 'bgr' }, { layout: 'hwc' });
const external = { ...rgb, parts: [part('tiny-external.onnx'), part('tiny-external.bin')] };
const slow = { ...rgb, parts: [part('tiny-slow.onnx')] };
const uint8 = quantized('uint8', 128);
const int8 = quantized('int8', 0);
const indexOutput = { values: 'class-index', channels: [] } as const;
const int64 = variant('tiny-index.onnx', {}, { ...indexOutput, name: 'classes', dtype: 'int64' });
const int32 = {
  ...variant('tiny-index.onnx', {}, { ...indexOutput, name: 'classes32', dtype: 'int32' }),
  id: 'int32',
};
const sigmoid = variant(
  'tiny-sigmoid.onnx',
  {},
  { name: 'person', size: GRID_16, classes: 'independent', channels: [1], align: 'corners' },
);
const previous = variant(
  'tiny-previous.onnx',
  { layout: 'hwc', mean: [0, 0, 0], std: [255, 255, 255], extra: 'previous-mask' },
  { size: GRID_16, channels: [0, 1] },
);

/** Cards of models of a few kB, to test with. Their files come from `tinySource`, or from the addresses in the cards. */
export const tinyCards: Readonly<Record<TinyModel, ModelCard>> = {
  rgb: card('rgb', FOUR, [rgb, tflite(rgb, 'tiny-rgb.tflite'), tfjs(rgb, 'tiny-rgb')]),
  external: card('external', FOUR, [
    external,
    stored(rgb, 'tfjs', [
      'tiny-external.tfjs.json',
      'tiny-external.tfjs-1of2.bin',
      'tiny-external.tfjs-2of2.bin',
    ]),
  ]),
  slow: card('slow', FOUR, [slow, tflite(slow, 'tiny-slow.tflite'), tfjs(slow, 'tiny-slow')]),
  nhwc: card('nhwc', FOUR, [nhwc, tflite(nhwc, 'tiny-nhwc.tflite'), tfjs(nhwc, 'tiny-nhwc')]),
  uint8: card('uint8', FOUR, [uint8, tflite(uint8, 'tiny-uint8.tflite')]),
  int8: card('int8', FOUR, [int8, tflite(int8, 'tiny-int8.tflite')]),
  index: card('index', FOUR, [
    int64,
    int32,
    tflite(int32, 'tiny-index.tflite', 'classes'),
    tfjs(int32, 'tiny-index', 'classes'),
  ]),
  sigmoid: card('sigmoid', PERSON, [
    sigmoid,
    tflite(sigmoid, 'tiny-sigmoid.tflite'),
    tfjs(sigmoid, 'tiny-sigmoid'),
  ]),
  previous: card('previous', HAIR, [
    previous,
    tflite(previous, 'tiny-previous.tflite'),
    tfjs(previous, 'tiny-previous'),
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
  const quantization = { scale: 0.0078125, zeroPoint };
  const integers = variant(
    `tiny-${dtype}.onnx`,
    { layout: 'hwc', dtype, quantization },
    { layout: 'hwc', dtype, quantization: { scale: 0.125, zeroPoint } },
  );
  return { ...integers, id: dtype, precision: dtype };
}

function tflite(onnx: ModelVariant, file: File, output?: string): ModelVariant {
  return stored(onnx, 'tflite', [file], output);
}

function tfjs(onnx: ModelVariant, name: TfjsName, output?: string): ModelVariant {
  return stored(onnx, 'tfjs', [`${name}.tfjs.json`, `${name}.tfjs.bin`], output);
}

/** The same network in files of another format: these feed and give rows of pixels, never planes. */
function stored(
  onnx: ModelVariant,
  format: ModelVariant['format'],
  files: readonly File[],
  name = onnx.output.name,
): ModelVariant {
  return {
    ...onnx,
    id: `${format}-${onnx.id}`,
    format,
    input: { ...onnx.input, layout: 'hwc' },
    output: { ...onnx.output, layout: 'hwc', name },
    parts: files.map(part),
  };
}

function part(path: File): ModelPart {
  const { bytes, sha256 } = tinyFiles[path];
  return { path, bytes, sha256, urls: [new URL(`../models/${path}`, import.meta.url).href] };
}
