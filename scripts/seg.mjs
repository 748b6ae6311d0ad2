// pnpm seg ...: the built `seg` command, brought up to date first.
import { join } from 'node:path';
import { calledFrom, prepare, root, run } from './workspace.mjs';

await prepare(process.stderr);
process.exitCode = await run(
  process.execPath,
  [join(root, 'packages/cli/dist/bin.js'), ...process.argv.slice(2)],
  { cwd: calledFrom },
);
