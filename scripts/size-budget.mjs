// A package's size budget: its own code minified and compressed with brotli, without what it depends on.
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';

export function budget(limit, path = 'dist/index.js') {
  const { name, dependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const vendors = Object.keys({ ...dependencies, ...peerDependencies });
  return [{ name, path, limit, ignore: [...vendors, ...builtinModules.map((module) => `node:${module}`)] }];
}
