import { defineConfig } from 'tsup';
import { library } from '../tsup.base.ts';

// Cards are data: no source maps, which cjsInterop would fill with the builder's paths.
// A card is a default export alone: with these two, require('@seg/models/people') gives the card itself.
export default defineConfig(library([], { cjsInterop: true, splitting: true, sourcemap: false }));
