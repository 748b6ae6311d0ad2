import { faceParsing19 } from './labels.ts';
import { IMAGENET, type VariantRecipe } from './recipes.ts';

const SIZE = { width: 512, height: 512 };

/** What a file for the card `face-parsing-512` is like, which has none of its own: BiSeNet's main output, exported to ONNX. */
export const faceParsingRecipe: VariantRecipe = {
  id: 'onnx-float32',
  format: 'onnx',
  precision: 'float32',
  input: {
    name: 'input',
    size: SIZE,
    layout: 'chw',
    dtype: 'float32',
    fit: 'stretch',
    order: 'rgb',
    ...IMAGENET,
  },
  output: {
    name: 'output',
    size: SIZE,
    layout: 'chw',
    dtype: 'float32',
    values: 'logits',
    classes: 'exclusive',
    channels: [...faceParsing19.names.keys()],
    threshold: 0.5,
    align: 'corners', // the last resize, 64 x 64 to 512 x 512, aligns corners; its factor is not whole
  },
};
