import { runInEngine } from './run-engine.ts';
import { findWebKitGtk } from './webkitgtk.ts';

await runInEngine('WebKitGTK', findWebKitGtk());
