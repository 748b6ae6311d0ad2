import type { ModelCard } from '@seg/core';
import { object2 } from './labels.ts';
import { IMAGENET } from './recipes.ts';

const SIZE = { width: 320, height: 320 };

const card: ModelCard = {
  schema: 1,
  id: 'object-u2netp',
  revision: '1',
  title: 'U²-Net p',
  description: 'The thing that a picture is about, whatever it is: for cutting out what is no person.',
  tasks: ['object'],
  labels: object2,
  groups: {},
  license: {
    spdx: 'Apache-2.0',
    attribution: 'Xuebin Qin et al. (U²-Net); ONNX file by Daniel Gatis (rembg)',
    source: 'https://github.com/xuebinqin/U-2-Net',
    commercial: 'unclear',
    why:
      'The author puts the weights under Apache-2.0 like the code and refers to the terms of the data ' +
      '(https://github.com/xuebinqin/U-2-Net/issues/208): DUTS, photos of ImageNet, published for research.',
  },
  metrics: [],
  trainingData: 'DUTS-TR: 10,553 photos of ImageNet with the salient object marked.',
  notes: [
    'Written from public descriptions: the file was not at hand when this card was made, so nobody has looked at its ' +
      'masks through this card yet. Size and sha256 are those that several projects state.',
    'rembg, where the file comes from, divides a picture by its own brightest value instead of 255 and stretches each ' +
      "mask to the full range; here 255 and the network's own probabilities are used.",
  ],
  variants: [
    {
      id: 'onnx-float32',
      format: 'onnx',
      precision: 'float32',
      input: {
        name: 'input.1',
        size: SIZE,
        layout: 'chw',
        dtype: 'float32',
        fit: 'stretch',
        order: 'rgb',
        ...IMAGENET,
      },
      output: {
        name: '1959', // the fused map, first of seven
        size: SIZE,
        layout: 'chw',
        dtype: 'float32',
        values: 'probabilities',
        classes: 'independent',
        channels: [1],
        threshold: 0.5,
        align: 'half-pixel',
      },
      parts: [
        {
          path: 'u2netp.onnx',
          bytes: 4574861,
          sha256: '309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8',
          urls: ['https://github.com/danielgatis/rembg/releases/download/v0.0.0/u2netp.onnx'],
        },
      ],
    },
  ],
};

export default card;
