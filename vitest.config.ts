import { defineConfig } from 'vitest/config';
import { chromiumProject } from './tests/browser/project.ts';

export default defineConfig({
  test: {
    projects: [
      '{packages/*,packages/runtimes/*,models,benchmarks}/vitest.config.ts',
      { test: { name: 'workspace', include: ['scripts/test/*.test.mjs'] } },
      chromiumProject(),
      { test: { name: 'engines', include: ['tests/engines/*.test.ts'] } },
    ],
  },
});
