import type { LabelSet, Rgb } from '@seg/core';

// Okabe and Ito's colours, which people who do not see all colours tell apart; the same thing has one colour everywhere.
const BACKGROUND: Rgb = [0, 0, 0];
const PERSON: Rgb = [0, 158, 115];
const HAIR: Rgb = [230, 159, 0];
const SKIN: Rgb = [204, 121, 167];
const CLOTHES: Rgb = [86, 180, 233];
const OBJECT: Rgb = [213, 94, 0];

/** A person, all of it. */
export const person2: LabelSet = {
  id: 'person-2',
  names: ['background', 'person'],
  colors: [BACKGROUND, PERSON],
};

/** The hair of the head. */
export const hair2: LabelSet = { id: 'hair-2', names: ['background', 'hair'], colors: [BACKGROUND, HAIR] };

/** A face. */
export const face2: LabelSet = { id: 'face-2', names: ['background', 'face'], colors: [BACKGROUND, SKIN] };

/** The thing that a picture is about, whatever it is. */
export const object2: LabelSet = {
  id: 'object-2',
  names: ['background', 'object'],
  colors: [BACKGROUND, OBJECT],
};

/** A person in parts. Skin is face, arms and legs; clothes are also what is worn or carried. */
export const people4: LabelSet = {
  id: 'people-4',
  names: ['background', 'hair', 'skin', 'clothes'],
  colors: [BACKGROUND, HAIR, SKIN, CLOTHES],
};

/** PASCAL VOC 2012, with its own colours. Source: the VOC 2012 development kit. */
export const voc21: LabelSet = {
  id: 'voc-21',
  names: [
    'background',
    'aeroplane',
    'bicycle',
    'bird',
    'boat',
    'bottle',
    'bus',
    'car',
    'cat',
    'chair',
    'cow',
    'diningtable',
    'dog',
    'horse',
    'motorbike',
    'person',
    'pottedplant',
    'sheep',
    'sofa',
    'train',
    'tv',
  ],
};

/**
 * The order of BiSeNet's face parsing (zllrunning/face-parsing.PyTorch). `r_ear` is the right ear, `ear_r` an earring,
 * `eye_g` glasses, `neck_l` a necklace. A picture that is mirrored swaps l and r.
 */
export const faceParsing19: LabelSet = {
  id: 'face-parsing-19',
  names: [
    'background',
    'skin',
    'l_brow',
    'r_brow',
    'l_eye',
    'r_eye',
    'eye_g',
    'l_ear',
    'r_ear',
    'ear_r',
    'nose',
    'mouth',
    'u_lip',
    'l_lip',
    'neck',
    'neck_l',
    'cloth',
    'hair',
    'hat',
  ],
};

/** CelebAMask-HQ's own order: the same names as {@link faceParsing19}, at other indexes. */
export const celebAMask19: LabelSet = {
  id: 'celebamask-19',
  names: [
    'background',
    'skin',
    'nose',
    'eye_g',
    'l_eye',
    'r_eye',
    'l_brow',
    'r_brow',
    'l_ear',
    'r_ear',
    'mouth',
    'u_lip',
    'l_lip',
    'hair',
    'hat',
    'ear_r',
    'neck_l',
    'neck',
    'cloth',
  ],
};
