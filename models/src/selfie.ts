import type { ModelCard } from '@seg/core';
import { person2 } from './labels.ts';
import { TO_UNIT } from './recipes.ts';

const SIZE = { width: 256, height: 256 };

const card: ModelCard = {
  schema: 1,
  id: 'selfie',
  revision: '1',
  title: 'MediaPipe Selfie, general',
  description:
    'People within two metres of a phone or webcam: for effects and video calls. A quarter of a megabyte.',
  tasks: ['person'],
  labels: person2,
  groups: {},
  license: {
    spdx: 'Apache-2.0',
    attribution: 'The MediaPipe Authors (Google)',
    source: 'https://github.com/google-ai-edge/mediapipe/blob/master/LICENSE',
    commercial: 'yes',
    why: 'Published by Google under Apache-2.0, and trained on photos taken for it, most of them in an AR app.',
  },
  metrics: [
    {
      dataset: 'PASCAL VOC 2012 val, 60 photos (mixed scenes, not what it is made for)',
      metric: 'IoU person',
      value: 0.557,
      by: 'this project, with LiteRT 2.5.3, stretched with smoothing, threshold 0.5 at the size of the photo',
    },
  ],
  trainingData:
    'Photos of people, most of them from many kinds of phones, taken in an AR app in real surroundings.',
  notes: [
    'It has an operator of MediaPipe, Convolution2DTransposeBias: LiteRT has it, plain TensorFlow Lite has not.',
    "Google's model card (https://mediapipe.page.link/selfiesegmentation-mc) gives a person IoU of 0.960 on 1,594 photos " +
      'from 17 regions; quoted after Luxonis, who do not say for which of the two selfie models.',
  ],
  variants: [
    {
      id: 'tflite-float16',
      format: 'tflite',
      precision: 'float16',
      needs: ['mediapipe-ops'],
      input: {
        name: 'input_1',
        size: SIZE,
        layout: 'hwc',
        dtype: 'float32',
        fit: 'stretch',
        order: 'rgb',
        ...TO_UNIT,
      },
      output: {
        name: 'activation_10',
        size: SIZE,
        layout: 'hwc',
        dtype: 'float32',
        values: 'probabilities',
        classes: 'independent',
        channels: [1],
        threshold: 0.5,
        align: 'half-pixel',
      },
      parts: [
        {
          path: 'selfie_segmentation.tflite',
          bytes: 249024,
          sha256: '8d13b7fae74af625c641226813616a2117bd6bca19eb3b75574621fc08557f27',
          urls: [
            'https://cdn.jsdelivr.net/npm/@mediapipe/selfie_segmentation@0.1.1675465747/selfie_segmentation.tflite',
            'https://storage.googleapis.com/mediapipe-assets/modules/selfie_segmentation/selfie_segmentation.tflite?generation=1782183681393267',
            'https://storage.googleapis.com/mediapipe-assets/selfie_segmentation.tflite?generation=1661875931201364',
          ],
        },
      ],
    },
  ],
};

export default card;
