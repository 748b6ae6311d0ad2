import { type ModelPart, SegmentError } from '@seg/core';

/** A place where a file was looked for in vain. */
export interface Tried {
  /** The place and the reason, for people. */
  readonly place: string;
  /** Whether there was a file, but not the one that the card names. */
  readonly wrong: boolean;
  readonly cause?: unknown;
}

/** The error for a file that came from nowhere: all that was tried, and what to do. */
export function notDelivered(part: ModelPart, tried: readonly Tried[], asked: boolean): SegmentError {
  const wrong = tried.some((attempt) => attempt.wrong);
  const code = wrong ? 'integrity' : asked ? 'fetch' : 'io';
  const what = wrong ? 'was found, but only damaged or as another file' : 'was found nowhere';
  const lines = tried.map(({ place }) => `\n  - ${place}`).join('');
  return new SegmentError(code, `the model file ${part.path} (${part.bytes} bytes) ${what}:${lines}`, {
    hint:
      'Put it into a folder and name that in SEG_MODEL_MIRROR (or an address that has it), ' +
      'or run `seg models pull` where there is a network',
    cause: tried.filter((attempt) => attempt.cause !== undefined).at(-1)?.cause,
  });
}
