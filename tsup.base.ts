import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import type { Options } from 'tsup';

/**
 * The one shape of every package: ESM, CommonJS and declarations for both, flat in dist/.
 * The entries are those of `exports` in package.json (`./name` is built from src/name.ts), plus the files named here.
 */
export function library(moreEntries: string[] = [], options: Options = {}): Options {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    exports: Record<string, unknown>;
  };
  // an entry that is a plain string is a file that something else makes: package.json, a bundled worker
  const names = Object.keys(exports).filter((key) => typeof exports[key] === 'object');
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

/**
 * For `onSuccess`: src/worker.ts as dist/worker.js, one ES module with everything inside, the vendor too, for pages that
 * have no bundler. Its first line names the vendor's version: the wasm beside it must be of the same.
 */
export async function bundleWorker(vendor: string | null, options: BuildOptions = {}): Promise<void> {
  await build({
    entryPoints: ['src/worker.ts'],
    outfile: 'dist/worker.js',
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    legalComments: 'eof',
    ...(vendor !== null && { banner: { js: `/* with ${vendor} ${versionOf(vendor)} inside */` } }),
    ...options,
  });
}

function versionOf(name: string): string {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')) as {
    version: string;
  };
  return version;
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
