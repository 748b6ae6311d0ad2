import type { ModelCard } from '@seg/core';
import { person2 } from './labels.ts';
import { NO_ADDRESS, TO_UNIT } from './recipes.ts';

const SIZE = { width: 128, height: 128 };

const card: ModelCard = {
  schema: 1,
  id: 'unet-person-128',
  revision: '1',
  title: 'U-Net, person, 128',
  description: 'A small U-Net of 2018: weak; here to be compared with.',
  tasks: ['person'],
  labels: person2,
  groups: {},
  license: {
    spdx: 'MIT',
    attribution: 'Katsuya Hyodo (PINTO0309)',
    source: 'https://github.com/PINTO0309/TensorflowLite-UNet',
    commercial: 'unclear',
    why: 'The repository with the weights is under MIT. They were trained on PASCAL VOC: photos of Flickr, for research.',
  },
  metrics: [{ dataset: 'PASCAL VOC', metric: 'IoU person', value: 0.35, by: 'this project' }],
  trainingData: 'PASCAL VOC 2012, 794 photos with people, each in 20 altered copies.',
  notes: [
    "Its third channel is VOC's border around things; its author counts it as background, and so does this card.",
    'It was trained on centred squares.',
    `Published in model/ of https://github.com/PINTO0309/TensorflowLite-UNet. ${NO_ADDRESS}`,
  ],
  variants: [
    {
      id: 'tflite-float32',
      format: 'tflite',
      precision: 'float32',
      input: {
        name: 'input',
        size: SIZE,
        layout: 'hwc',
        dtype: 'float32',
        fit: 'stretch',
        order: 'rgb',
        ...TO_UNIT,
      },
      output: {
        name: 'output/BiasAdd',
        size: SIZE,
        layout: 'hwc',
        dtype: 'float32',
        values: 'logits',
        classes: 'exclusive',
        channels: [0, 1, 0], // background, person, border
        threshold: 0.5,
        align: 'half-pixel',
      },
      parts: [
        {
          path: 'unet_voc_person_128_float.tflite',
          bytes: 1959904,
          sha256: 'f3b052351af37daa077a69e8625aeff2ad76d73145e20c53765260ed6a4e2067',
          urls: [],
        },
      ],
    },
  ],
};

export default card;
