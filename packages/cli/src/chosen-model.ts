import type { ModelCard, ModelSource } from '@seg/core';

/** What `--model` turned out to name. */
export interface ChosenModel {
  readonly card: ModelCard;
  /** The variant that a model file is; undefined where the runtime chooses. */
  readonly variant: string | undefined;
  readonly source: ModelSource;
  /** The user's own files that are read: never overwritten. */
  readonly files: readonly string[];
}

export interface ModelOptions {
  readonly signal: AbortSignal;
  /** `--variant`. */
  readonly variant?: string | undefined;
  /** `--recipe`: a card whose recipe a model file is fed and read by. */
  readonly recipe?: string | undefined;
  readonly offline?: boolean | undefined;
}
