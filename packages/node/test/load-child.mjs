// Loads one part in a process of its own, on the built package: node load-child.mjs DIR PART-AS-JSON
import { createModelCache } from '../dist/cache.js';

const [dir, part] = process.argv.slice(2);
const bytes = await createModelCache({ dir }).load(JSON.parse(part));
process.stdout.write(`loaded ${bytes.length}`);
