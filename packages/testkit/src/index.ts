export type {
  ConformanceCase,
  ConformanceGroup,
  ConformanceMeans,
  ConformanceSubject,
  Rule,
} from './conformance/subject.ts';
export { conformanceGroups, runConformance, type TestRunner } from './conformance/suite.ts';
export { createFakeDevice, type FakeDevice } from './fake-device.ts';
export { createFakeRuntime, type FakeRuntime } from './fake-runtime.ts';
export type { FakeCounts, FakeFault, FakeRuntimeOptions, FakeStep } from './fake-state.ts';
export { createRandom, seededImage } from './seeded-image.ts';
export { type TinyModel, tinyCards, tinyModels } from './tiny-cards.ts';
export { runTinyNetwork } from './tiny-network.ts';
export { loadTiny, type OddModel, type OddModels, oddBytes, tinySource } from './tiny-source.ts';
export { agreement, largestDifference, tolerances } from './tolerances.ts';
