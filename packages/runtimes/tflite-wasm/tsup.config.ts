import { defineConfig } from 'tsup';
import { bundleWorker, library } from '../../../tsup.base.ts';

// The vendor's files stay where they are, beside dist/ as beside src/: bundlers find them there.
const external = [/^node:/, /^\.\.\/vendor\//];
const entries = ['src/node.ts', 'src/node-thread.ts', 'src/worker-module.ts'];

export default defineConfig(
  library(entries, { splitting: false, external, onSuccess: () => bundleWorker(null) }),
);
