import type { ModelCard } from '@seg/core';
import { faceParsing19 } from './labels.ts';

const card: ModelCard = {
  schema: 1,
  id: 'face-parsing-512',
  revision: '1',
  title: 'BiSeNet face parsing, 512',
  description:
    'The parts of a face: skin, brows, eyes, ears, nose, lips, hair, and what is worn. Bring your own file.',
  tasks: ['face', 'hair', 'clothes'],
  labels: faceParsing19,
  groups: {
    person: { not: 'background' },
    face: ['skin', 'brows', 'eyes', 'eye_g', 'nose', 'mouth', 'lips'],
    brows: ['l_brow', 'r_brow'],
    eyes: ['l_eye', 'r_eye'],
    ears: ['l_ear', 'r_ear'],
    lips: ['u_lip', 'l_lip'],
    clothes: ['cloth'],
  },
  license: {
    spdx: 'MIT',
    attribution: 'zllrunning (face-parsing.PyTorch), after CoinCheung (BiSeNet)',
    source: 'https://github.com/zllrunning/face-parsing.PyTorch',
    commercial: 'no',
    why:
      'Code and published weights are under MIT, but the weights come from CelebAMask-HQ, which is for non-commercial ' +
      'research only, derived data included.',
  },
  metrics: [],
  trainingData: 'CelebAMask-HQ: 30,000 faces with 19 classes.',
  notes: [
    'No weights come with this card. Take those of https://github.com/zllrunning/face-parsing.PyTorch, or train your own, ' +
      'and export them with a fixed size: torch.onnx.export(net, torch.zeros(1, 3, 512, 512), "face-parsing-512.onnx", ' +
      'input_names=["input"], output_names=["output", "aux16", "aux32"]).',
    'Such a file is used with the recipe of this name: `withFile(card, findRecipe(card.id), part)` of @seg/models, or ' +
      '`seg segment --model FILE.onnx --recipe face-parsing-512`. Other names for input and output go into the recipe.',
    'It expects one face that fills much of the picture: crop first, 1.8 times the box of a face detector.',
  ],
  variants: [],
};

export default card;
