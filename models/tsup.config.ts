import { defineConfig } from 'tsup';
import { library } from '../tsup.base.ts';

// A card is a default export alone: with these two, require('@seg/models/people') gives the card itself.
export default defineConfig(library([], { cjsInterop: true, splitting: true }));
