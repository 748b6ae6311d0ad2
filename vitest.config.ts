import { defineConfig } from 'vitest/config';
import { chromiumProject } from './tests/browser/project.ts';

/** What drives browsers takes all the processor there is, and so runs by itself: after Node's projects and Chromium's. */
const inTurn = (groupOrder: number, name: string) => ({
  test: { name, include: [`tests/${name}/*.test.ts`], sequence: { groupOrder } },
});

export default defineConfig({
  test: {
    projects: [
      '{packages/*,packages/runtimes/*,models,benchmarks}/vitest.config.ts',
      { test: { name: 'workspace', include: ['scripts/test/*.test.mjs'] } },
      chromiumProject(),
      inTurn(2, 'engines'),
      inTurn(3, 'csp'),
    ],
  },
});
