import type { ModelCard } from '@seg/core';
import { people4 } from './labels.ts';
import { IMAGENET, NO_ADDRESS } from './recipes.ts';
import { skinClothesHair512 as selfTest } from './self-tests.generated.ts';

const SIZE = { width: 512, height: 512 };

const card: ModelCard = {
  schema: 1,
  id: 'skin-clothes-hair-512',
  revision: '1',
  title: 'PAN MobileNetV3, skin, clothes and hair, 512',
  description: 'Skin, clothes and hair of a portrait, each for itself; 1.02 million parameters.',
  tasks: ['person', 'hair', 'clothes'],
  labels: people4,
  groups: { person: ['hair', 'skin', 'clothes'] },
  license: {
    spdx: 'MIT',
    attribution: 'Kazuhito Takahashi',
    source: 'https://github.com/Kazuhito00/Skin-Clothes-Hair-Segmentation-using-SMP',
    commercial: 'unclear',
    why: 'The repository with the weights is under MIT. The 452 photos are its own and from the web, and are not public.',
  },
  metrics: [{ dataset: 'portraits', metric: 'IoU hair', value: 0.82, by: 'this project' }],
  trainingData: '452 photos, taken by the author and collected from the web; private.',
  notes: [
    'The author warns that it depends much on the background and on the colours of clothes and skin.',
    'Published as 02.model/PAN(timm-mobilenetv3_small_100)_452_1.02M_0.8028/best_model_simplifier.onnx in ' +
      `https://github.com/Kazuhito00/Skin-Clothes-Hair-Segmentation-using-SMP. ${NO_ADDRESS}`,
  ],
  selfTest,
  variants: [
    {
      id: 'onnx-float32',
      format: 'onnx',
      precision: 'float32',
      input: {
        name: 'x.1',
        size: SIZE,
        layout: 'chw',
        dtype: 'float32',
        fit: 'stretch',
        order: 'rgb',
        ...IMAGENET,
      },
      output: {
        name: '1273',
        size: SIZE,
        layout: 'chw',
        dtype: 'float32',
        values: 'probabilities',
        classes: 'independent',
        channels: [2, 3, 1], // the file's order: skin, clothes, hair
        threshold: 0.5,
        align: 'corners',
      },
      parts: [
        {
          path: 'pan_skin_clothes_hair_512.onnx',
          bytes: 4093734,
          sha256: '324a22a1c2e3a433d6225d4c5c50f50912797a4d14b69f7d632eeb5c85346f36',
          urls: [],
        },
      ],
    },
  ],
};

export default card;
