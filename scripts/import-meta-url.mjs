// Injected into CommonJS builds that ask for `import.meta.url` (tsup.base.ts).
import { pathToFileURL } from 'node:url';
export const importMetaUrl = /* @__PURE__ */ pathToFileURL(__filename).href;
