import type { ModelCard } from '@seg/core';
import { person2 } from './labels.ts';
import { TO_UNIT } from './recipes.ts';

const SIZE = { width: 256, height: 144 };

const card: ModelCard = {
  schema: 1,
  id: 'selfie-landscape',
  revision: '1',
  title: 'MediaPipe Selfie, landscape',
  description: 'The selfie model for wide pictures, with fewer operations: for webcams and video calls.',
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
      value: 0.574,
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
        name: 'segment_back',
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
          path: 'selfie_segmentation_landscape.tflite',
          bytes: 249792,
          sha256: '4aafe6223bb8dac6fac8ca8ed56852870a33051ef3f6238822d282a109962894',
          urls: [
            'https://cdn.jsdelivr.net/npm/@mediapipe/selfie_segmentation@0.1.1675465747/selfie_segmentation_landscape.tflite',
            'https://storage.googleapis.com/mediapipe-assets/modules/selfie_segmentation/selfie_segmentation_landscape.tflite?generation=1782183688568628',
            'https://storage.googleapis.com/mediapipe-assets/selfie_segmentation_landscape.tflite?generation=1661875928328455',
          ],
        },
      ],
    },
  ],
};

export default card;
