import { budget } from '../../scripts/size-budget.mjs';

export default [
  ...budget('10 kB'),
  ...budget('14 kB', 'dist/gpu.js'),
  ...budget('2 kB', 'dist/worker-host.js'),
];
