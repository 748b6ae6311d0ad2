import type { ModelCard } from '@seg/core';
import { person2 } from './labels.ts';
import { ON_VOC, portraitLicense } from './portrait-segmentation.ts';
import { NO_ADDRESS, TO_UNIT } from './recipes.ts';

const SIZE = { width: 512, height: 512 };

const card: ModelCard = {
  schema: 1,
  id: 'portrait-slim-512',
  revision: '1',
  title: 'SlimNet portrait, 512',
  description: 'One person, close up, at a high resolution with fine edges: for portraits, not for scenes.',
  tasks: ['person'],
  labels: person2,
  groups: {},
  license: portraitLicense('It was trained on AISegment: portraits from Flickr, Baidu and Taobao.'),
  metrics: [
    {
      dataset: '13,770 test pictures: AISegment, also before other backgrounds',
      metric: 'pixel accuracy',
      value: 0.99,
      by: 'the author',
    },
    { dataset: 'portraits', metric: 'IoU person', value: 0.954, by: 'this project' },
    { ...ON_VOC, value: 0.243 },
  ],
  trainingData: '55,082 pictures: portraits of AISegment, and the same people before other backgrounds.',
  notes: [
    'Published as models/slim_seg_512/slim_reshape_v2.tflite in https://github.com/anilsathyan7/Portrait-Segmentation. ' +
      NO_ADDRESS,
  ],
  variants: [
    {
      id: 'tflite-float32',
      format: 'tflite',
      precision: 'float32',
      input: {
        name: 'ip',
        size: SIZE,
        layout: 'hwc',
        dtype: 'float32',
        fit: 'stretch',
        order: 'rgb',
        ...TO_UNIT,
      },
      output: {
        // [1, 262144]: the person's half of a softmax
        name: 'reshape/Reshape',
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
          path: 'slim_reshape_v2.tflite',
          bytes: 1461656,
          sha256: '7e258fac7c83b2698aa4d4c90d3a97eb65ad3e9c27dc283bed304b3c2dfef9a3',
          urls: [],
        },
      ],
    },
  ],
};

export default card;
