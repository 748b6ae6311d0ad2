import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      '{packages/*,packages/runtimes/*,models,benchmarks}/vitest.config.ts',
      { test: { name: 'workspace', include: ['scripts/test/*.test.mjs'] } },
    ],
  },
});
