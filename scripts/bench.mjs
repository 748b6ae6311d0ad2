// pnpm bench ...: the benchmark, on packages brought up to date first.
import { join } from 'node:path';
import { calledFrom, devNode, prepare, root, run } from './workspace.mjs';

await prepare(process.stderr);
process.exitCode = await run(devNode, [join(root, 'benchmarks/src/main.ts'), ...process.argv.slice(2)], {
  cwd: calledFrom,
});
