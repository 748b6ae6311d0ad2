import { SegmentError } from '@seg/core';

const NOTICE =
  '// From @litertjs/core (Google LLC, Apache-2.0), changed: it is an ES module, and so are the workers that it starts.\n';

/**
 * Makes an ES module of a script of `@litertjs/core/wasm`: its default export is the vendor's factory. So a page or a
 * module worker can `import()` it, which needs no script tag, no `importScripts`, no eval and no `blob:` address.
 *
 * @throws SegmentError `unsupported` when the text is not the one that this was written for
 */
export function wrapGlue(text: string): string {
  requireCount(text, FACTORY, [1]);
  requireCount(text, EXPORT, [1]);
  requireCount(text, THREAD, [0, 2]); // 2 in the build with threads
  const module = text.replaceAll(THREAD, '"type": "module", $&');
  // the script gives its factory to CommonJS where it finds that: what follows holds for minified scripts too
  return `${NOTICE}const module = { exports: {} };\nconst exports = module.exports;\n${module}\nexport default module.exports;\n`;
}

/** What the script is, and how it ends, as published or as a bundler has made it smaller. */
const FACTORY = /\bvar ModuleFactory\s*=/g;
const EXPORT = /\bmodule\.exports\s*=\s*ModuleFactory\b/g;
/** In the options of `new Worker`. */
const THREAD = /(["']?)\bname\1\s*:\s*(["'`])em-pthread\2/g;

function requireCount(text: string, part: RegExp, counts: readonly number[]): void {
  const found = text.match(part)?.length ?? 0;
  if (counts.includes(found)) return;
  throw new SegmentError('unsupported', 'this is not the script of @litertjs/core that it was taken for', {
    expected: `${counts.join(' or ')} times ${part.source}`,
    received: `${found}, in ${text.length} characters that begin with ${JSON.stringify(text.slice(0, 40))}`,
    hint: 'Seg knows the scripts of @litertjs/core 2.5.3',
  });
}
