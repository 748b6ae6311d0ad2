import type { ModelCard } from '@seg/core';
import { people4 } from './labels.ts';
import { TO_SIGNED_UNIT } from './recipes.ts';
import { people as selfTest } from './self-tests.generated.ts';

const card: ModelCard = {
  schema: 1,
  id: 'people',
  revision: '1',
  title: 'People',
  description: 'Hair, skin and clothes. Small, fast, and part of this package: works without a download.',
  tasks: ['person', 'hair', 'clothes'],
  labels: people4,
  groups: { person: ['hair', 'skin', 'clothes'] },
  license: {
    spdx: 'Apache-2.0',
    attribution: 'The Seg authors',
    source: 'https://www.apache.org/licenses/LICENSE-2.0',
    commercial: 'unclear',
    why:
      'The weights are ours and free to use. They were trained on photos whose rights are not: Clothing Co-Parsing ' +
      '(an Apache-2.0 repository of photos from the web), PASCAL VOC and Penn-Fudan (research terms).',
  },
  metrics: [
    metric('Clothing Co-Parsing, validation part', 'IoU person', 0.894),
    metric('Clothing Co-Parsing, validation part', 'IoU hair', 0.499),
    metric('Clothing Co-Parsing, validation part', 'IoU skin', 0.541),
    metric('Clothing Co-Parsing, validation part', 'IoU clothes', 0.823),
    metric('PASCAL VOC, validation part', 'IoU person', 0.591),
    metric('Penn-Fudan, validation part', 'IoU person', 0.724),
    metric('portrait windows of the validation part', 'IoU person', 0.92),
    metric('portrait windows of the validation part', 'IoU hair', 0.56),
    metric('portrait windows of the validation part', 'IoU skin', 0.6),
  ],
  trainingData:
    'The training part of 1,586 photos from Clothing Co-Parsing, PASCAL VOC and Penn-Fudan, from scratch: no ' +
    'pre-trained weights.',
  notes: [
    'Interim weights. Weak at hats (taken for hair), flags and patterned cloth beside a person, dark clothes before a ' +
      'dark background, several people close together, and bald heads.',
  ],
  selfTest,
  variants: [
    {
      id: 'onnx-float32',
      format: 'onnx',
      precision: 'float32',
      input: {
        name: 'input',
        size: { width: 192, height: 192 },
        layout: 'chw',
        dtype: 'float32',
        fit: 'stretch',
        order: 'rgb',
        ...TO_SIGNED_UNIT,
      },
      output: {
        name: 'logits',
        size: { width: 96, height: 96 },
        layout: 'chw',
        dtype: 'float32',
        values: 'logits',
        classes: 'exclusive',
        channels: [0, 1, 2, 3],
        threshold: 0.5,
        align: 'half-pixel',
      },
      parts: [
        {
          path: 'people.onnx',
          bytes: 4762947,
          sha256: 'abea7623b54c3fe772f72a90e6b73954b600805c9aa20729bdc32f164f4c4707',
          urls: [new URL('../weights/people.onnx', import.meta.url).href],
        },
      ],
    },
  ],
};

export default card;

function metric(dataset: string, name: string, value: number): ModelCard['metrics'][number] {
  return { dataset, metric: name, value, by: 'this project' };
}
