import { createContext, type RunOptions } from './context.ts';
import { EXIT_DONE, endWithFailure } from './failure.ts';
import { createProgram } from './program.ts';

/**
 * Runs the `seg` command with `argv`, the words after its name, and gives its exit code: 0 done, 1 failed, 2 wrong
 * usage, 130 interrupted. Never throws and never ends the process.
 */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<number> {
  const context = createContext(options);
  const json = argv.includes('--json');
  let exitCode = EXIT_DONE;
  try {
    const program = createProgram(context, async (action) => {
      exitCode = await action(context);
    });
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return endWithFailure(error, context, json);
  }
}
