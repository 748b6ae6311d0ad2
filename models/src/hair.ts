import type { ModelCard } from '@seg/core';
import { hair2 } from './labels.ts';
import { TO_UNIT } from './recipes.ts';

const SIZE = { width: 512, height: 512 };

const card: ModelCard = {
  schema: 1,
  id: 'hair',
  revision: '1',
  title: 'MediaPipe Hair',
  description: 'Hair with fine edges, steady in video: each result is fed back with the next frame.',
  tasks: ['hair'],
  labels: hair2,
  groups: {},
  license: {
    spdx: 'Apache-2.0',
    attribution: 'The MediaPipe Authors (Google)',
    source: 'https://github.com/google-ai-edge/mediapipe/blob/master/LICENSE',
    commercial: 'yes',
    why: 'Published by Google under Apache-2.0, and trained on photos that Google had annotated for it; they are not public.',
  },
  metrics: [{ dataset: 'portraits', metric: 'IoU hair', value: 0.88, by: 'this project, single pictures' }],
  trainingData:
    'Tens of thousands of photos with hair, glasses, neck, skin and lips marked ' +
    '(Tkachenka et al. 2019, https://arxiv.org/abs/1907.06740).',
  notes: [
    'It has three operators of MediaPipe (Convolution2DTransposeBias, MaxPoolingWithArgmax2D, MaxUnpooling2D): LiteRT has ' +
      'them, plain TensorFlow Lite has not.',
    'For video pass the segmentation before as `previous`; a single picture needs none.',
  ],
  variants: [
    {
      id: 'tflite-float32',
      format: 'tflite',
      precision: 'float32',
      needs: ['mediapipe-ops'],
      input: {
        name: 'input_1',
        size: SIZE,
        layout: 'hwc',
        dtype: 'float32',
        fit: 'stretch',
        order: 'rgb',
        ...TO_UNIT,
        extra: 'previous-mask',
      },
      output: {
        name: 'conv2d_transpose_4',
        size: SIZE,
        layout: 'hwc',
        dtype: 'float32',
        values: 'logits',
        classes: 'exclusive',
        channels: [0, 1],
        threshold: 0.5,
        align: 'half-pixel',
      },
      parts: [
        {
          path: 'hair_segmentation.tflite',
          bytes: 780588,
          sha256: 'd2c940c4fd80edeaf38f5d7387d1b4235ee320ed120080df67c663e749e77633',
          urls: [
            'https://storage.googleapis.com/mediapipe-assets/hair_segmentation.tflite?generation=1661875756623461',
          ],
        },
      ],
    },
  ],
};

export default card;
