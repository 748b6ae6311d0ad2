// npm test [-- FILTER...]: sets up, builds, and runs every test. The counts also go to .cache/tests.json.
import { join } from 'node:path';
import { devNode, prepare, root, run } from './workspace.mjs';

await prepare();
const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run'];
const reporters = [
  ...['--reporter=dot', `--reporter=${join(root, 'scripts/skips-reporter.mjs')}`],
  ...['--reporter=json', '--outputFile.json=.cache/tests.json'],
];
process.exitCode = await run(devNode, [...vitest, ...reporters, ...process.argv.slice(2)], { cwd: root });
