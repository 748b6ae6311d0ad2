export type { Input, Output, RunOptions } from './context.ts';
export { run } from './run.ts';
