import type { LoadProgress } from '@seg/core';
import type { Context } from './context.ts';
import { formatBytes } from './format.ts';

/** Loading that is over before this shows nothing. */
const QUIET_MS = 400;
const TERMINAL_STEP_MS = 100;
const LINE_STEP_MS = 10_000;

export interface Progress {
  readonly onProgress: (progress: LoadProgress) => void;
  /** Takes the line away from a terminal. */
  end(): void;
}

/** Shows how far a download is: one line that changes on a terminal, else a line every ten seconds. */
export function createProgress(title: string, context: Context): Progress {
  const step = context.progressOnTerminal ? TERMINAL_STEP_MS : LINE_STEP_MS;
  let next = performance.now() + (context.progressOnTerminal ? QUIET_MS : LINE_STEP_MS);
  let shown = false;
  return {
    onProgress({ loaded, total }) {
      if (performance.now() < next || loaded === total) return;
      next = performance.now() + step;
      const text = `${title}: ${formatBytes(loaded)} of ${formatBytes(total)}`;
      if (context.progressOnTerminal) context.writeProgress(`\r\u001b[K${text}`);
      else context.note(text);
      shown = true;
    },
    end() {
      if (shown && context.progressOnTerminal) context.writeProgress('\r\u001b[K');
      shown = false;
    },
  };
}
