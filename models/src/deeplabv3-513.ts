import type { InputRecipe, ModelCard, OutputRecipe } from '@seg/core';
import { voc21 } from './labels.ts';
import { NO_ADDRESS, TO_SIGNED_UNIT } from './recipes.ts';
import { deeplabv3513 as selfTest } from './self-tests.generated.ts';

const SIZE = { width: 513, height: 513 };

const input: Omit<InputRecipe, 'layout'> = {
  name: 'input',
  size: SIZE,
  dtype: 'float32',
  fit: 'stretch',
  order: 'rgb',
  ...TO_SIGNED_UNIT,
};

// cut before the two resizes and the argmax of the published file: the network's own 65 x 65 logits
const output: Omit<OutputRecipe, 'layout'> = {
  name: 'logits',
  size: { width: 65, height: 65 },
  dtype: 'float32',
  values: 'logits',
  classes: 'exclusive',
  channels: [...voc21.names.keys()],
  threshold: 0.5,
  align: 'corners',
};

const card: ModelCard = {
  schema: 1,
  id: 'deeplabv3-513',
  revision: '1',
  title: 'DeepLabV3 MobileNetV2 1.0, 513',
  description: '20 kinds of things, with good edges; the model of the iOS demo apps.',
  tasks: ['scene', 'person', 'object'],
  labels: voc21,
  groups: {},
  license: {
    spdx: 'Apache-2.0',
    attribution: 'The TensorFlow Authors',
    source: 'https://github.com/tensorflow/models/blob/master/LICENSE',
    commercial: 'unclear',
    why:
      'The weights are published under Apache-2.0. They were trained on photos from the web (ImageNet, MS COCO, PASCAL ' +
      'VOC) whose terms speak of research.',
  },
  metrics: [
    {
      dataset: 'PASCAL VOC 2012 val',
      metric: 'mIoU',
      value: 0.7532,
      by: 'the authors, for the checkpoint mobilenetv2_coco_voc_trainaug, output stride 16, single scale',
    },
    {
      dataset: 'PASCAL VOC 2012 val',
      metric: 'mIoU, uint8',
      value: 0.7426,
      by: 'the authors, for the checkpoint mobilenetv2_coco_voc_trainaug_8bit, output stride 16, single scale',
    },
    ...(
      [
        ['mIoU (19 classes present)', 0.727],
        ['IoU person', 0.855],
        ['pixel accuracy', 0.955],
      ] as const
    ).map(([metric, value]) => ({
      dataset: 'PASCAL VOC 2012 val, 60 photos',
      metric,
      value,
      by: 'this project, the float32 ONNX file with ONNX Runtime, stretched, logits upsampled with aligned corners',
    })),
  ],
  trainingData:
    'ImageNet, MS COCO and PASCAL VOC 2012, as the checkpoints of its family (mobilenetv2_coco_voc) in the model zoo of ' +
    'TensorFlow DeepLab.',
  notes: [
    'Core ML: the same network is DeepLabV3Int8LUT.mlmodel on https://developer.apple.com/machine-learning/models/ ' +
      '(image 513 x 513 in, class indexes `semanticPredictions` 513 x 513 out). The ONNX and TensorFlow.js files were ' +
      'made from it for this project and hold exactly its weights, which are 8-bit look-up tables: `onnx-lut8` keeps ' +
      'the tables, the float32 files have them written out.',
    'The uint8 file is another training of the same network, from the test data of Coral; it ends in an argmax, so it ' +
      'gives classes but no scores. Of the TFLite runtimes only LiteRT reads its int64 output.',
    `Converted files: ${NO_ADDRESS}`,
  ],
  selfTest,
  variants: [
    {
      id: 'onnx-float32',
      format: 'onnx',
      precision: 'float32',
      input: { ...input, layout: 'chw' },
      output: { ...output, layout: 'chw' },
      parts: [
        {
          path: 'deeplabv3_mnv2_513.onnx',
          bytes: 8421328,
          sha256: 'd647f5a36b94e8cfeee10e3612f6f5ec31c0e104624751a9c300678320ef9e19',
          urls: [],
        },
      ],
    },
    {
      id: 'onnx-lut8',
      format: 'onnx',
      precision: 'lut8',
      input: { ...input, layout: 'chw' },
      output: { ...output, layout: 'chw' },
      parts: [
        {
          path: 'deeplabv3_mnv2_513_lut8.onnx',
          bytes: 2259204,
          sha256: '103527b9501a4b2961ac9f302661953c76e4e852d4a515da558f4f24238d3efa',
          urls: [],
        },
      ],
    },
    {
      id: 'tflite-uint8',
      format: 'tflite',
      precision: 'uint8',
      needs: ['int64-output'],
      input: {
        name: 'MobilenetV2/MobilenetV2/input',
        size: SIZE,
        layout: 'hwc',
        dtype: 'uint8',
        // (byte - 128) / 128 / scale + 128 is the byte itself: raw bytes go in
        quantization: { scale: 0.0078125, zeroPoint: 128 },
        fit: 'stretch',
        order: 'rgb',
        mean: [128, 128, 128],
        std: [128, 128, 128],
      },
      output: {
        name: 'ArgMax',
        size: SIZE,
        layout: 'hwc',
        dtype: 'int64',
        values: 'class-index',
        classes: 'exclusive',
        channels: [],
        threshold: 0.5,
        align: 'corners',
      },
      parts: [
        {
          path: 'deeplabv3_mnv2_pascal_quant.tflite',
          bytes: 2193224,
          sha256: '350af47fd346ea6d74b58833a351f583ba860e9806ec5bd292ff8d8f1f249398',
          urls: [
            'https://raw.githubusercontent.com/google-coral/test_data/master/deeplabv3_mnv2_pascal_quant.tflite',
          ],
        },
      ],
    },
    {
      id: 'tfjs-float32',
      format: 'tfjs',
      precision: 'float32',
      input: { ...input, layout: 'hwc' },
      output: { ...output, layout: 'hwc' },
      parts: [
        {
          path: 'tfjs_deeplabv3_513_logits65/model.json',
          bytes: 79319,
          sha256: '2931627fc73a5da428e6d9701582eb1dbb75bdcad6656915e20a4bbcab39bb49',
          urls: [],
        },
        {
          path: 'tfjs_deeplabv3_513_logits65/weights.bin',
          bytes: 8388072,
          sha256: 'e13b516dc76c5f0f48654860b5af0df1497f229d9829132dd4eeda5534b49147',
          urls: [],
        },
      ],
    },
  ],
};

export default card;
