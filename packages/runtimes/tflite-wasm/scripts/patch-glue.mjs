// What copy-vendor.mjs changes in the vendor's glue. Each change must find its place exactly once, or it throws.

/**
 * The glue as an ES module that runs under a Content-Security-Policy without 'unsafe-eval': Emscripten's embind writes
 * its callers as source text, here they are closures that do the same. With `thread`, the vendor's thread program, it is
 * also what a module worker of the name `seg-tflite-thread` runs, so that threads need no blob: address.
 */
export function patchGlue(glue, thread) {
  const patched = [...MODULE, ...WITHOUT_EVAL, ...(thread === undefined ? [] : THREADS)].reduce(apply, glue);
  const program = thread === undefined ? '' : patchThread(thread);
  const code = patched.trim() + program;
  const left = /new Function|[^a-zA-Z.]Function\(|[^a-zA-Z.]eval\(|importScripts\(|require\(/.exec(code);
  if (left !== null) throw new Error(`the patched glue still has ${left[0]}`);
  return `${HEADER}${code}\n`;
}

// The licence stays in what is minified. (Biome's word must stand first.)
const HEADER = `// biome-ignore-all lint: a copy
// biome-ignore-all format: a copy
/*! TensorFlow Lite for the web, Copyright 2021 Google LLC, Apache-2.0. CHANGED by Seg: see vendor/NOTICE of @seg/tflite-wasm.
Made by Emscripten, Copyright (c) 2010-2014 Emscripten authors, MIT. */
`;

/** A change: what stands between `from` and `until` (without `until`: `from` itself) becomes `to`. */
const MODULE = [
  { from: 'var tflite_web_api_ModuleFactory = (', to: 'const tflite_web_api_ModuleFactory = (' },
  { from: '  var _scriptDir = ', until: '\n', to: "  var _scriptDir = '';" },
  {
    from: "if (typeof exports === 'object' && typeof module === 'object')",
    until: null,
    to: 'export default tflite_web_api_ModuleFactory;',
  },
];

const WITHOUT_EVAL = [
  {
    from: 'function createNamedFunction(',
    until: 'function extendError(',
    to: `function createNamedFunction(name, body) {
  return Object.defineProperty(function () { return body.apply(this, arguments) }, "name", { value: makeLegalFunctionName(name) });
}
`,
  },
  { from: 'function new_(', until: 'function craftInvokerFunction(', to: '' },
  {
    from: 'function craftInvokerFunction(',
    until: 'function heap32VectorToArray(',
    to: `function craftInvokerFunction(humanName, argTypes, classType, cppInvokerFunc, cppTargetFunc) {
  if (argTypes.length < 2) throwBindingError("argTypes array size mismatch! Must at least get return value and 'this' types!");
  var isMethod = argTypes[1] !== null && classType !== null;
  var needsStack = argTypes.slice(1).some((type) => type !== null && type.destructorFunction === undefined);
  var types = argTypes.slice(isMethod ? 1 : 2);
  return createNamedFunction(humanName, function (...given) {
    if (given.length !== argTypes.length - 2) throwBindingError("function " + humanName + " called with " + given.length + " arguments, expected " + (argTypes.length - 2) + " args!");
    var destructors = needsStack ? [] : null;
    var wired = (isMethod ? [this, ...given] : given).map((value, i) => types[i]["toWireType"](destructors, value));
    var rv = cppInvokerFunc(cppTargetFunc, ...wired);
    if (needsStack) runDestructors(destructors);
    else types.forEach((type, i) => { if (type.destructorFunction !== null) type.destructorFunction(wired[i]) });
    if (argTypes[0].name !== "void") return argTypes[0]["fromWireType"](rv);
  });
}
`,
  },
  {
    from: 'function emval_get_global(',
    until: 'function __emval_get_global(',
    to: 'function emval_get_global() { return globalThis }\n',
  },
  {
    from: 'var params=["retType"];',
    until: 'returnId=emval_addMethodCaller(',
    to: `
var argTypes_ = types.slice(1);
var invokerFunction = createNamedFunction("methodCaller_" + signatureName, function (handle, name, destructors, args) {
  var values = argTypes_.map((type) => {
    var value = type["readValueFromPointer"](args);
    args += type["argPackAdvance"];
    return value;
  });
  var rv = handle[name](...values);
  argTypes_.forEach((type, i) => { if (type["deleteObject"]) type["deleteObject"](values[i]) });
  if (!retType.isVoid) return retType["toWireType"](destructors, rv);
});
`,
  },
  {
    from: 'function craftEmvalAllocator(',
    until: 'var emval_newers=',
    to: `function craftEmvalAllocator(argCount) {
  return function (constructor, argTypes, args) {
    var values = emval_lookupTypes(argCount, argTypes).map((type) => {
      var value = type["readValueFromPointer"](args);
      args += type["argPackAdvance"];
      return value;
    });
    return Emval.toHandle(new constructor(...values));
  };
}
`,
  },
];

/** Threads come from the caller: it knows where their script is, and what a worker is where it runs. */
const THREADS = [
  { from: 'var pthreadPoolSize=8;', to: 'var pthreadPoolSize=Module["pthreadPoolSize"];' },
  {
    from: 'var pthreadMainJs=locateFile("tflite_web_api_cc_simd_threaded.worker.js");',
    until: '}',
    to: 'PThread.unusedWorkers.push(Module["createThread"]())',
  },
  { from: '"urlOrBlob":', until: '"wasmMemory":', to: '' },
  {
    from: 'worker.onerror=e=>{',
    until: 'worker.postMessage({',
    to: 'worker.onerror=Module["onThreadError"];',
  },
  // a thread made now would start after the call that waits for it: better none, which is an error
  {
    from: 'if(PThread.unusedWorkers.length==0){PThread.allocateUnusedWorker();',
    until: 'return PThread.unusedWorkers.pop()',
    to: '',
  },
  // Node 20 has no `navigator`
  {
    from: 'return navigator["hardwareConcurrency"]',
    to: 'return globalThis.navigator?.hardwareConcurrency??1',
  },
];

/** The thread program asks nothing of the network: the glue is the file that it stands in. */
function patchThread(thread) {
  const program = [
    { from: '"use strict";', to: '' },
    { from: 'if(typeof e.data.urlOrBlob=="string")', until: 'tflite_web_api_ModuleFactory(Module)', to: '' },
  ].reduce(apply, thread.trim());
  return `\nif(globalThis.name==="seg-tflite-thread"){${program}}`;
}

function apply(text, { from, until, to }) {
  const start = only(text, from);
  const end =
    until === null ? text.length : until === undefined ? start + from.length : text.indexOf(until, start);
  if (end < start) throw new Error(`the glue has no ${until} after ${from}`);
  return text.slice(0, start) + to + text.slice(end);
}

function only(text, part) {
  const start = text.indexOf(part);
  if (start < 0 || text.indexOf(part, start + 1) >= 0) throw new Error(`the glue must have one ${part}`);
  return start;
}
