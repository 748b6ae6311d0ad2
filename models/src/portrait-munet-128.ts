import type { ModelCard } from '@seg/core';
import { person2 } from './labels.ts';
import { ON_VOC, portraitLicense } from './portrait-segmentation.ts';
import { NO_ADDRESS, TO_UNIT } from './recipes.ts';

const SIZE = { width: 128, height: 128 };

const card: ModelCard = {
  schema: 1,
  id: 'portrait-munet-128',
  revision: '1',
  title: 'MobileNetV2-UNet portrait, 128',
  description: 'One person, close up, at a low resolution: for selfies before plain backgrounds.',
  tasks: ['person'],
  labels: person2,
  groups: {},
  license: portraitLicense(
    'It was trained on PFCN, Supervisely and selfies from the web; the rights in the photos are not stated.',
  ),
  metrics: [
    {
      dataset: 'test part of its own data',
      metric: 'pixel accuracy',
      value: 0.96,
      by: 'the author, for the 128 x 128 MobileNetV2 model before it was made smaller',
    },
    { dataset: 'portraits', metric: 'IoU person', value: 0.945, by: 'this project' },
    { ...ON_VOC, value: 0.331 },
  ],
  trainingData:
    '18,698 portraits of 128 x 128: PFCN, chosen ones of Supervisely, selfies from the web with masks made by DeepLab, ' +
    'and people before other backgrounds.',
  notes: [
    'Weights in 8 bits, computed in float32. Its upsampling (bilinear, neither aligned corners nor half pixels) shifts ' +
      'the mask a little to one side, as its author says.',
    'Published as models/bilinear_seg/bilinear_fin_munet_uint8.tflite in ' +
      `https://github.com/anilsathyan7/Portrait-Segmentation. ${NO_ADDRESS}`,
  ],
  variants: [
    {
      id: 'tflite-int8',
      format: 'tflite',
      precision: 'int8',
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
        name: 'flatten_1/Reshape', // [1, 16384]
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
          path: 'bilinear_fin_munet_uint8.tflite',
          bytes: 3695440,
          sha256: 'e8550082200e7501ac36f3abf9281e40fececb86c3f9443c1e89032a8b5fa943',
          urls: [],
        },
      ],
    },
  ],
};

export default card;
