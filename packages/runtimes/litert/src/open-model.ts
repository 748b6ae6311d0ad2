import { isSegmentError, type LoadedModel, type ModelVariant, SegmentError } from '@seg/core';
import { requireRecipe } from '@seg/core/adapter';
import type { Instance } from './instance.ts';
import { readTflite, type TfliteFile } from './tflite-file.ts';
import { type OpenOptions, openFile, type Value, type VendorBuffer, type VendorFile } from './vendor.ts';

/** A file that is open and agrees with its card. */
export interface OpenedModel extends Omit<VendorFile, 'inputs' | 'outputs' | 'run'> {
  /** Blocks the thread. A new buffer: the output that the card means. @throws SegmentError `unsupported`, `runtime` */
  run(input: VendorBuffer): VendorBuffer;
}

/**
 * Opens a model, and makes errors of what the vendor says on its console alone before it gives whatever lay in memory.
 *
 * @throws SegmentError `invalid-input`, `invalid-card`, `unsupported`, `runtime`
 */
export function openModel(
  instance: Pick<Instance, 'wasm' | 'environment' | 'takeErrors'>,
  { variant, parts: [bytes = new Uint8Array()] }: LoadedModel,
  options: OpenOptions,
): OpenedModel {
  const said = readTflite(bytes);
  if (said === null) throw notTflite();
  const file = checked(instance, said, () => openFile(instance, bytes, said, options), release);
  try {
    const index = requireFile(file, variant);
    return { ...file, run: (input) => checked(instance, said, () => file.run(input, index), discard) };
  } catch (error) {
    file.release();
    throw error;
  }
}

const release = (file: VendorFile): void => file.release();
const discard = (output: VendorBuffer): void => output.delete();

/** What the vendor throws says less than what it has printed before. */
function checked<Result>(
  { takeErrors }: Pick<Instance, 'takeErrors'>,
  { customOperators }: TfliteFile,
  work: () => Result,
  undo: (result: Result) => void,
): Result {
  takeErrors(); // of others
  let result: Result;
  try {
    result = work();
  } catch (cause) {
    if (isSegmentError(cause) || cause instanceof WebAssembly.RuntimeError) throw cause;
    const thrown = cause instanceof Error ? cause.message : String(cause);
    throw refusal([...takeErrors(), thrown], customOperators, cause);
  }
  const printed = takeErrors();
  if (printed.length === 0) return result;
  undo(result);
  throw refusal(printed, customOperators);
}

/** MediaPipe's, which this vendor has. Of others it names only the first that it misses. */
const KNOWN_OPERATORS = ['Convolution2DTransposeBias', 'MaxPoolingWithArgmax2D', 'MaxUnpooling2D'];

function refusal(said: readonly string[], customOperators: readonly string[], cause?: unknown): SegmentError {
  const text = said.map((line) => line.trim().replace(/^ERROR: (\[[^\]]*\] )?/, '')).join('; ');
  if (/Failed to load model/.test(text)) return notTflite(cause);
  const missing = customOperators.filter((name) => !KNOWN_OPERATORS.includes(name));
  if (/unresolved custom op/.test(text) && missing.length > 0) {
    return new SegmentError('unsupported', 'LiteRT does not have all operators of this model', {
      received: `custom operators: ${missing.join(', ')}`,
      hint: 'Convert it so that it uses the operators of TensorFlow Lite alone',
      cause,
    });
  }
  return new SegmentError('unsupported', `LiteRT cannot compute this model: ${text}`, { cause });
}

function notTflite(cause?: unknown): SegmentError {
  return new SegmentError('invalid-input', 'this file is not a TFLite model, or it is cut short', {
    expected: 'the bytes of a .tflite file',
    cause,
  });
}

/** Which of the file's outputs the card means. @throws SegmentError `invalid-card`, `unsupported` */
function requireFile(file: VendorFile, variant: ModelVariant): number {
  const inputs = file.inputs.map(called(variant.input.name));
  const outputs = file.outputs.map(called(variant.output.name));
  requireRecipe({ inputs, outputs }, variant, 'litert');
  const open = [...inputs, ...outputs].find(({ shape }) => shape.includes(null));
  if (open === undefined) return outputs.findIndex(({ name }) => name === variant.output.name);
  throw new SegmentError('unsupported', 'LiteRT runs models whose sizes are fixed', {
    received: `"${open.name}" [${open.shape.map((length) => length ?? '?')}]`,
    hint: 'Convert it with a fixed input size',
  });
}

/** A card may call a value by its tensor's name, or by what the file's signature calls it. */
function called(name: string): (value: Value) => Value {
  return (value) => (value.alias === name ? { ...value, name } : value);
}
