import { runConformance } from '@seg/testkit';
import { describe, it } from 'vitest';
import { litert } from '../src/node.ts';

runConformance(
  {
    name: 'litert in Node',
    runtime: () => litert(),
    means: { unavailable: () => litert({ threads: 2 }) },
  },
  { describe, it },
);
