import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The version of this package: package.json lies above src/ and above dist/ alike. */
export function version(): string {
  const { version }: { version: string } = require('../package.json');
  return version;
}
