import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Options } from 'tsup';

/**
 * The one shape of every package: ESM, CommonJS and declarations for both, flat in dist/.
 * The entries are those of `exports` in package.json (`./name` is built from src/name.ts), plus the files named here.
 */
export function library(moreEntries: string[] = [], options: Options = {}): Options {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    exports: Record<string, unknown>;
  };
  const names = Object.keys(exports).filter((key) => !key.endsWith('.json'));
  const entries = names.map((key) => `src/${key === '.' ? 'index' : key.slice(2)}.ts`);
  return {
    entry: [...entries, ...moreEntries],
    format: ['esm', 'cjs'],
    target: 'es2022',
    platform: 'neutral',
    dts: { entry: entries },
    clean: true,
    external: [/^node:/],
    removeNodeProtocol: false,
    sourcemap: true,
    silent: true,
    esbuildOptions: giveCommonJsItsUrl,
    ...options,
  };
}

/** CommonJS has no `import.meta.url`. (tsup's own shim breaks on folders whose name holds a # or a %.) */
const giveCommonJsItsUrl: NonNullable<Options['esbuildOptions']> = (options, { format }) => {
  if (format !== 'cjs') return;
  options.define = { ...options.define, 'import.meta.url': 'importMetaUrl' };
  options.inject = [
    ...(options.inject ?? []),
    fileURLToPath(new URL('scripts/import-meta-url.mjs', import.meta.url)),
  ];
};
