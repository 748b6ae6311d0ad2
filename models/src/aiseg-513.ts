import type { InputRecipe, ModelCard, OutputRecipe } from '@seg/core';
import { person2 } from './labels.ts';
import { ON_VOC, portraitLicense } from './portrait-segmentation.ts';
import { NO_ADDRESS, TO_SIGNED_UNIT } from './recipes.ts';

const SIZE = { width: 513, height: 513 };

const input: Omit<InputRecipe, 'name' | 'layout'> = {
  size: SIZE,
  dtype: 'float32',
  fit: 'stretch',
  order: 'rgb',
  ...TO_SIGNED_UNIT,
};

const output: Omit<OutputRecipe, 'name' | 'layout'> = {
  size: SIZE,
  dtype: 'float32',
  values: 'logits',
  classes: 'exclusive',
  channels: [0, 1],
  threshold: 0.5,
  align: 'corners',
};

const card: ModelCard = {
  schema: 1,
  id: 'aiseg-513',
  revision: '1',
  title: 'DeepLabV3 MobileNetV2 0.5, person, 513',
  description: 'One person in a portrait.',
  tasks: ['person'],
  labels: person2,
  groups: {},
  license: portraitLicense(
    'It was trained on AISegment (portraits from Flickr, Baidu and Taobao), from weights made with MS COCO and PASCAL VOC.',
  ),
  metrics: [
    { dataset: 'AISegment', metric: 'mIoU', value: 0.97, by: 'the author' },
    { dataset: 'portraits', metric: 'IoU person', value: 0.947, by: 'this project' },
    { ...ON_VOC, value: 0.453 },
  ],
  trainingData: 'AISegment (34,427 portraits), from a checkpoint trained with MS COCO and PASCAL VOC.',
  notes: [
    'One network in two files. The last resize of the ONNX file does not align corners: its pixel p shows the logits at ' +
      '65 / 513 p instead of p / 8. So its mask is drawn together towards the top left, by 7 of 513 pixels at the right ' +
      'and the bottom; 1.7 % of the pixels of a portrait differ from the TFLite file, which is right.',
    'Published in models/deeplab_dm05_513 of https://github.com/anilsathyan7/Portrait-Segmentation. ' +
      NO_ADDRESS,
  ],
  variants: [
    {
      id: 'tflite-float32',
      format: 'tflite',
      precision: 'float32',
      input: { name: 'MobilenetV2/MobilenetV2/input', layout: 'hwc', ...input },
      // the last operator resizes 65 x 65 with aligned corners: every 8th sample is the original
      output: {
        name: 'ResizeBilinear_2',
        layout: 'hwc',
        ...output,
        resizedFrom: { width: 65, height: 65 },
      },
      parts: [
        {
          path: 'deeplab_aiseg513_dm05_float.tflite',
          bytes: 3280028,
          sha256: '38b3f31099b2aa8a826d51f7890225d72a2c57a849f4a09f988b5247716bac34',
          urls: [],
        },
      ],
    },
    {
      id: 'onnx-float32',
      format: 'onnx',
      precision: 'float32',
      input: { name: 'MobilenetV2/MobilenetV2/input:0', layout: 'chw', ...input },
      output: { name: 'transpose:0', layout: 'chw', ...output },
      parts: [
        {
          path: 'deeplab_aiseg513_nchw.onnx',
          bytes: 3442483,
          sha256: '92ca50e4b49eafd530abbe6ff397e288dc9e8ce4570d08550d373f3d7d62a27d',
          urls: [],
        },
      ],
    },
  ],
};

export default card;
