// pnpm soak: every runtime's memory over 100 openings and 2,000 runs and more, in Node and in Chromium, with the samples.
import { join } from 'node:path';
import { devNode, prepare, root, run } from './workspace.mjs';

await prepare();
const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'soak', '--reporter=verbose'];
const env = { ...process.env, SEG_SOAK: '1', VITE_SEG_SOAK: '1' };
process.exitCode = await run(devNode, [...vitest, ...process.argv.slice(2)], { cwd: root, env });
