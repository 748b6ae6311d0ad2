import { budget } from '../../../scripts/size-budget.mjs';

// The vendor's glue is a chunk of its own, loaded when a model opens: README states its size.
const glue = ['../vendor/tflite-simd.mjs', '../vendor/tflite-simd-threaded.mjs'];

export default budget('3.2 kB').map((each) => ({ ...each, ignore: [...each.ignore, ...glue] }));
