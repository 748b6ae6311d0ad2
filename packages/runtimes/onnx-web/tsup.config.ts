import { defineConfig } from 'tsup';
import { library } from '../../../tsup.base.ts';

// Apart, so that what a page loads does not name the vendor's entry for Node: a bundler would pack that one too.
export default defineConfig(library(['src/node.ts'], { splitting: false }));
