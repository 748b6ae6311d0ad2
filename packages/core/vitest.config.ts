import { defineProject } from 'vitest/config';

// gc(): the tests of what is forgotten must be able to collect it
export default defineProject({ test: { name: 'core', execArgv: ['--expose-gc'], testTimeout: 60_000 } });
