import type { ModelLicense } from '@seg/core';

/** The terms of the three models from anilsathyan7/Portrait-Segmentation; `data` says what the photos' terms are. */
export function portraitLicense(data: string): ModelLicense {
  return {
    spdx: 'MIT',
    attribution: 'Copyright (c) 2021 anilsathyan',
    source: 'https://github.com/anilsathyan7/Portrait-Segmentation/blob/master/LICENSE',
    commercial: 'unclear',
    why: `The repository with the weights is under MIT. ${data}`,
  };
}

/** How the same 60 photos were measured for each of them. */
export const ON_VOC = {
  dataset: 'PASCAL VOC 2012 val, 60 photos (mixed scenes, not what it is made for)',
  metric: 'IoU person',
  by: 'this project, with LiteRT 2.5.3, stretched with smoothing, threshold 0.5 at the size of the photo',
};
