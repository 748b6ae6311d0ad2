// node scripts/copy-vendor.mjs: writes vendor/ anew from the npm package that it is a copy of. Run by hand; its output
// is committed, because the package pins a tfjs that cannot stand beside ours and so can be no dependency.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { patchGlue } from './patch-glue.mjs';

const PACKAGE = '@tensorflow/tfjs-tflite@0.0.1-alpha.10';
const INTEGRITY =
  'sha512-/qmqsRBTg+XCWgNomJ/gdZIKFMpGiTEAwMhqk/7cOZEp/fTV69GuknOoSQjloYGWasQIDIriQO3bpi6T4PTEnA==';

const DECLARATION = `/** The vendor's own factory; src/vendor.ts says what comes of it. */
declare const createModule: (settings: object) => Promise<unknown>;
export default createModule;
`;

const here = new URL('../', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'tflite-vendor-'));
try {
  execFileSync('npm', ['pack', PACKAGE, '--silent'], { cwd: folder });
  const tarball = join(folder, 'tensorflow-tfjs-tflite-0.0.1-alpha.10.tgz');
  const integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
  if (integrity !== INTEGRITY) throw new Error(`${PACKAGE}: expected ${INTEGRITY}, received ${integrity}`);
  execFileSync('tar', ['xzf', tarball, '-C', folder]);
  writeVendor((name) => readFileSync(join(folder, 'package/wasm', `tflite_web_api_cc_${name}`)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function writeVendor(read) {
  const files = {
    'tflite-simd.mjs': patchGlue(read('simd.js').toString()),
    'tflite-simd.wasm': read('simd.wasm'),
    'tflite-simd-threaded.mjs': patchGlue(
      read('simd_threaded.js').toString(),
      read('simd_threaded.worker.js').toString(),
    ),
    'tflite-simd-threaded.wasm': read('simd_threaded.wasm'),
    LICENSE: readFileSync(new URL('../../../LICENSE', here)), // Apache-2.0, which the npm package names but leaves out
  };
  rmSync(new URL('vendor/', here), { recursive: true, force: true });
  mkdirSync(new URL('vendor/', here));
  for (const [name, content] of Object.entries(files)) write(name, content);
  for (const name of ['tflite-simd', 'tflite-simd-threaded']) write(`${name}.d.mts`, DECLARATION);
  write('NOTICE', notice(Object.entries(files).filter(([name]) => name !== 'LICENSE')));
}

function write(name, content) {
  writeFileSync(new URL(`vendor/${name}`, here), content);
}

function notice(files) {
  const rows = files.map(([name, content]) => {
    const bytes = Buffer.from(content);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return `${name}\n  ${bytes.length} bytes, ${brotliCompressSync(bytes).length} by brotli\n  sha256 ${sha256}`;
  });
  return `TensorFlow Lite for the web
Copyright 2021 Google LLC
Licensed under the Apache License, Version 2.0 (see LICENSE).

The files of this folder were copied from the npm package ${PACKAGE}
(${INTEGRITY})
by scripts/copy-vendor.mjs. The .wasm files are unchanged: wasm/tflite_web_api_cc_simd.wasm and
wasm/tflite_web_api_cc_simd_threaded.wasm. The .mjs files are wasm/tflite_web_api_cc_simd.js and
wasm/tflite_web_api_cc_simd_threaded.js, changed by scripts/patch-glue.mjs: they are ES modules, run no code made from
strings, and take threads from their caller; the second holds wasm/tflite_web_api_cc_simd_threaded.worker.js too.

${rows.join('\n')}

The .wasm files were compiled by TensorFlow's authors, who distribute them under the Apache License, Version 2.0. They
hold parts of TensorFlow Lite, TensorFlow Lite Support, Abseil, ruy, FlatBuffers and SentencePiece (Apache-2.0), XNNPACK,
protobuf, RE2 (BSD-3-Clause), pthreadpool and cpuinfo (BSD-2-Clause), Eigen (MPL-2.0), Darts-clone (BSD-2-Clause), FP16
and musl (MIT).

The .mjs files were made by Emscripten:
Copyright (c) 2010-2014 Emscripten authors, see its AUTHORS file.
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions: The above copyright notice and
this permission notice shall be included in all copies or substantial portions of the Software.
THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`;
}
