import type { Context } from './context.ts';

/** Runs a subcommand's work, which gives the exit code. Work is imported when it is launched, so that `seg` starts fast. */
export type Launch = (work: (context: Context) => Promise<number>) => Promise<void>;
