import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SegmentError } from '@seg/core';

/** The folder of an installed package, as seen from any of `folders`, which are tried in order; null where it is in none. */
function findPackage(name: string, folders: readonly string[]): string | null {
  for (const folder of folders) {
    for (let at = resolve(folder); ; at = dirname(at)) {
      const found = join(at, 'node_modules', name);
      // the real folder: a linked package finds its own packages there
      if (existsSync(join(found, 'package.json'))) return realpathSync(found);
      if (dirname(at) === at) break;
    }
  }
  return null;
}

/** `@scope/name/rest/of/path` in its two halves. */
export function splitPackagePath(path: string): { readonly name: string; readonly rest: string } {
  const [, name = path, rest = ''] = /^((?:@[^/]+\/)?[^/]+)\/?(.*)$/.exec(path) ?? [];
  return { name, rest };
}

/** As {@link findPackage}, from here and from this command's own folder. @throws SegmentError `unsupported` */
export function requireInstalled(name: string, ...first: readonly string[]): string {
  const folder = findPackage(name, [...first, process.cwd(), ownFolder()]);
  if (folder !== null) return folder;
  throw new SegmentError('unsupported', `${name} is not installed here`, {
    hint: `Run: npm install ${name}`,
  });
}

/** Where this command itself was installed. */
function ownFolder(): string {
  return dirname(fileURLToPath(import.meta.url));
}
