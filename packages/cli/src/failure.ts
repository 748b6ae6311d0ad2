import { inspect } from 'node:util';
import { isSegmentError, type SegmentErrorCode } from '@seg/core';
import { CommanderError } from 'commander';
import type { Context } from './context.ts';

export const EXIT_DONE = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
export const EXIT_INTERRUPTED = 130;

/** The command was called wrongly: exit 2, and nothing was begun. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export type FailureCode = SegmentErrorCode | 'usage' | 'interrupted' | 'unexpected';

/** One thing that went wrong, as `--json` shows it. `input` is null where it is about the whole command. */
export interface Failure {
  readonly input: string | null;
  readonly code: FailureCode;
  readonly message: string;
}

export function failureOf(error: unknown, input: string | null = null): Failure {
  if (error instanceof UsageError) return { input, code: 'usage', message: error.message };
  if (isSegmentError(error)) return { input, code: error.code, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  return { input, code: 'unexpected', message };
}

/** Says a failure on stderr; the stack only for those who ask for it. */
export function sayFailure(failure: Failure, error: unknown, context: Context): void {
  const { input, code, message } = failure;
  const subject = input === null || message.includes(input) ? '' : `${input === '-' ? 'stdin' : input}: `;
  const hint = code === 'unexpected' ? '. This should not happen; SEG_DEBUG=1 shows where it did' : '';
  context.fail(subject + message + hint);
  if (process.env.SEG_DEBUG === '1') context.note(inspect(error));
}

/** Ends a command that threw: says why, in JSON too where that was asked for, and gives the exit code. */
export function endWithFailure(error: unknown, context: Context, json: boolean): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT_DONE; // --help and --version
    if (json) printFailure({ input: null, code: 'usage', message: error.message }, context);
    return EXIT_USAGE; // commander has said why
  }
  if (context.signal.aborted) {
    context.fail('interrupted');
    if (json) printFailure({ input: null, code: 'interrupted', message: 'interrupted' }, context);
    return EXIT_INTERRUPTED;
  }
  const failure = failureOf(error);
  sayFailure(failure, error, context);
  if (json) printFailure(failure, context);
  return failure.code === 'usage' ? EXIT_USAGE : EXIT_FAILED;
}

function printFailure(failure: Failure, context: Context): void {
  context.printJson({ errors: [failure] });
}

/** Runs a check of what the user named; what it finds wrong with the arguments is wrong usage. */
export function asUsage<Value>(check: () => Value): Value {
  try {
    return check();
  } catch (error) {
    if (isSegmentError(error) && error.code === 'invalid-input') throw new UsageError(error.message);
    throw error;
  }
}
