import type { ModelCard } from '@seg/core';
import { face2 } from './labels.ts';
import { NO_ADDRESS, TO_UNIT } from './recipes.ts';

const SIZE = { width: 256, height: 256 };

const card: ModelCard = {
  schema: 1,
  id: 'face-unet-256',
  revision: '1',
  title: 'Small U-Net, face, 256',
  description: 'The face of a portrait, in one piece.',
  tasks: ['face'],
  labels: face2,
  groups: {},
  license: {
    spdx: 'MIT',
    attribution: 'vohoangnguyennnn',
    source: 'https://github.com/vohoangnguyennnn/face-segmentation-edge-AI',
    commercial: 'unclear',
    why: 'The repository with the weights is under MIT. It does not say where the photos come from.',
  },
  metrics: [{ dataset: 'portraits', metric: 'IoU face', value: 0.888, by: 'this project' }],
  trainingData:
    'About 1,200 photos with a mask of the face, as a comment in its training script says; their source is not stated.',
  notes: [
    'The file leaves the size of the batch open (-1). The TensorFlow Lite and LiteRT runtimes of Seg take it as 1.',
    'Published as artifacts/models/unet_fp32.tflite in ' +
      `https://github.com/vohoangnguyennnn/face-segmentation-edge-AI. ${NO_ADDRESS}`,
  ],
  variants: [
    {
      id: 'tflite-float32',
      format: 'tflite',
      precision: 'float32',
      needs: ['dynamic-batch'],
      input: {
        name: 'serving_default_image_input:0',
        size: SIZE,
        layout: 'hwc',
        dtype: 'float32',
        fit: 'stretch',
        order: 'rgb',
        ...TO_UNIT,
      },
      output: {
        name: 'StatefulPartitionedCall_1:0',
        size: SIZE,
        layout: 'hwc',
        dtype: 'float32',
        values: 'logits',
        classes: 'independent',
        channels: [1],
        threshold: 0.5,
        align: 'half-pixel',
      },
      parts: [
        {
          path: 'face_unet_fp32.tflite',
          bytes: 1226012,
          sha256: 'a5992bb1eae51061480c02c85122c2059fab69a831831499073983427f6447b7',
          urls: [],
        },
      ],
    },
  ],
};

export default card;
