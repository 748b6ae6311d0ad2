import { defineConfig } from 'tsup';
import { bundleWorker, library } from '../../../tsup.base.ts';

// node.ts apart, so that what a page loads does not name what Node has: a bundler would look for it.
// The one-file worker finds the vendor's files beside itself: it has nothing of the vendor inside.
// It exports nothing; that it says so shows package checkers that it is an ES module.
const onSuccess = () => bundleWorker(null, { footer: { js: 'export {};' } });

export default defineConfig(
  library(['src/node.ts', 'src/worker-module.ts'], { splitting: false, onSuccess }),
);
