import { SegmentError } from '@seg/core';
import { loadAsset } from '@seg/web';

/** The first line of an error's message, without the code that the vendor puts before its own. */
export function firstLine(error: unknown): string {
  const line = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
  return line.replace(/^.*ERROR_MESSAGE: /, '').replace(/^\/\S+:\d+ .* was false\. /, '');
}

/** Words of the vendor's messages: it has no codes. */
const NOT_STARTED = /no available backend found/i;
const NO_MODEL = /protobuf parsing failed|data pointer is null|does not have a graph|no graph was found/i;
const NOT_KNOWN = /No Op registered|not a registered function|not implemented|unsupported model|opset/i;

/** Where the vendor's files were looked for: a folder, or the address of each; undefined where nobody said. */
export type WasmPlace = string | { readonly mjs?: string; readonly wasm?: string } | undefined;

/** Why the vendor did not open `bytes`. `files` are the names of what it starts from. */
export async function explainOpening(
  cause: unknown,
  bytes: Uint8Array,
  place: WasmPlace,
  files: readonly string[],
): Promise<SegmentError> {
  const said = firstLine(cause);
  if (NOT_STARTED.test(said)) return await explainStarting(cause, place, files);
  if (NO_MODEL.test(said)) {
    return new SegmentError('invalid-input', 'this file is not an ONNX model, or it is cut short', {
      expected: 'the bytes of an .onnx file',
      received: `${bytes.length} bytes that do not parse as one`,
      cause,
    });
  }
  const code = NOT_KNOWN.test(said) ? 'unsupported' : 'runtime';
  return new SegmentError(code, `ONNX Runtime does not open this model: ${said}`, { cause });
}

/** Asks once more for the files that the vendor starts from: it does not say what came in their place. */
async function explainStarting(
  cause: unknown,
  place: WasmPlace,
  files: readonly string[],
): Promise<SegmentError> {
  await new Promise((done) => setTimeout(done, 100)); // a browser lists what it asked for a moment later
  for (const url of addressesOf(place, files)) {
    const kind = /\.m?js([?#]|$)/.test(url) ? 'script' : 'wasm';
    const wrong = await loadAsset(url, kind).then(
      (bytes) => (kind === 'script' || WebAssembly.validate(new Uint8Array(bytes)) ? null : notWhole(bytes)),
      (error: SegmentError) => error.detail.received ?? error.message,
    );
    if (wrong === null) continue;
    return new SegmentError('fetch', `onnxruntime-web cannot start from ${url}`, {
      received: wrong,
      hint: `Serve ${files.join(' and ')} of node_modules/onnxruntime-web/dist, say where (assets or wasmPaths), and load the page anew`,
      cause,
    });
  }
  return new SegmentError('runtime', `onnxruntime-web does not start: ${firstLine(cause)}`, { cause });
}

function notWhole(bytes: Uint8Array): string {
  return `${bytes.length} bytes that do not compile: the file is cut off or damaged`;
}

/** The addresses that the vendor asks for; where nobody set them, those that the page has asked for. */
function addressesOf(place: WasmPlace, files: readonly string[]): string[] {
  const all =
    place === undefined
      ? performance.getEntriesByType('resource').map(({ name }) => name)
      : typeof place === 'string'
        ? files.map((file) => place + file)
        : [place.mjs, place.wasm].map(String);
  return [...new Set(all)].filter(
    (url) => /^https?:/.test(url) && (place !== undefined || /ort-wasm/.test(url)),
  );
}
