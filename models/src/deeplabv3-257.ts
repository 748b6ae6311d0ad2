import type { InputRecipe, ModelCard, OutputRecipe } from '@seg/core';
import { voc21 } from './labels.ts';
import { NO_ADDRESS, TO_SIGNED_UNIT } from './recipes.ts';
import { deeplabv3257 as selfTest } from './self-tests.generated.ts';

const SIZE = { width: 257, height: 257 };

const input: Omit<InputRecipe, 'name' | 'layout'> = {
  size: SIZE,
  dtype: 'float32',
  fit: 'stretch',
  order: 'rgb',
  ...TO_SIGNED_UNIT,
};

// every file ends in a bilinear resize of 33 x 33 to 257 x 257 with aligned corners: every 8th sample is the original
const output: Omit<OutputRecipe, 'name' | 'layout'> = {
  size: SIZE,
  dtype: 'float32',
  values: 'logits',
  classes: 'exclusive',
  channels: [...voc21.names.keys()],
  threshold: 0.5,
  align: 'corners',
  resizedFrom: { width: 33, height: 33 },
};

const card: ModelCard = {
  schema: 1,
  id: 'deeplabv3-257',
  revision: '1',
  title: 'DeepLabV3 MobileNetV2 0.5, 257',
  description: 'The starter model of TensorFlow Lite: 20 kinds of things, quick and coarse.',
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
      value: 0.7019,
      by: 'the authors, for the checkpoint mobilenetv2_dm05_coco_voc_trainaug at 513 x 513, not for this file',
    },
    ...(
      [
        ['mIoU (19 classes present)', 0.537],
        ['IoU person', 0.677],
        ['pixel accuracy', 0.903],
      ] as const
    ).map(([metric, value]) => ({
      dataset: 'PASCAL VOC 2012 val, 60 photos',
      metric,
      value,
      by: 'this project, with ONNX Runtime, stretched, logits upsampled with aligned corners',
    })),
  ],
  trainingData:
    'ImageNet, MS COCO and PASCAL VOC 2012, as the checkpoints of its family (mobilenetv2_dm05_coco_voc) in the model ' +
    'zoo of TensorFlow DeepLab.',
  notes: [
    `The ONNX and TensorFlow.js files were converted from the TFLite one for this project: the same weights. ${NO_ADDRESS}`,
  ],
  selfTest,
  variants: [
    {
      id: 'onnx-float32',
      format: 'onnx',
      precision: 'float32',
      input: { name: 'input', layout: 'chw', ...input },
      output: { name: 'logits', layout: 'chw', ...output },
      parts: [
        {
          path: 'deeplabv3_257_mv_gpu.onnx',
          bytes: 2765928,
          sha256: '1a722c70c686a7d5ff66593915fbb30273bdbd38d9b872ec43e7b290c5a9f3e4',
          urls: [],
        },
      ],
    },
    {
      id: 'tflite-float32',
      format: 'tflite',
      precision: 'float32',
      input: { name: 'sub_7', layout: 'hwc', ...input },
      output: { name: 'ResizeBilinear_3', layout: 'hwc', ...output },
      parts: [
        {
          path: 'deeplabv3_257_mv_gpu.tflite',
          bytes: 2779264,
          sha256: '68a539782c2c6a72f8aac3724600124a85ed977162b44e84cbae5db717c933c6',
          urls: [
            'https://storage.googleapis.com/download.tensorflow.org/models/tflite/gpu/deeplabv3_257_mv_gpu.tflite',
            'https://storage.googleapis.com/mediapipe-assets/deeplabv3_without_metadata.tflite?generation=1678818053623010',
          ],
        },
      ],
    },
    {
      id: 'tfjs-float32',
      format: 'tfjs',
      precision: 'float32',
      input: { name: 'input', layout: 'hwc', ...input },
      output: { name: 'logits', layout: 'hwc', ...output },
      parts: [
        {
          path: 'tfjs_deeplabv3_257/model.json',
          bytes: 53300,
          sha256: 'b1060e4749c98b1d1d8f430d52994724e75eb81f4f9a738f0740d4f33b0a42ce',
          urls: [],
        },
        {
          path: 'tfjs_deeplabv3_257/weights.bin',
          bytes: 2753456,
          sha256: '3c4204f9ad825ab699942c90c7ac474f25d13fb8d97b3e3221b032fdb88a41dc',
          urls: [],
        },
      ],
    },
  ],
};

export default card;
