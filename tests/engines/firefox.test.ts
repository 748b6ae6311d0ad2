import { findFirefox } from './firefox.ts';
import { runInEngine } from './run-engine.ts';

await runInEngine('Firefox', findFirefox());
