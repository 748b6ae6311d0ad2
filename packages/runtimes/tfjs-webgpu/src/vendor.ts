// The one file that imports @tensorflow/*: peers, loaded when first needed, and of the back ends only the one asked for.
import { SegmentError } from '@seg/core';

export type { Tensor as TfTensor } from '@tensorflow/tfjs-core';

export type Tf = typeof import('@tensorflow/tfjs-core');
type Converter = typeof import('@tensorflow/tfjs-converter');
export type GraphModel = ReturnType<Converter['loadGraphModelSync']>;

/** tfjs's word for what computes. */
export type TfjsAccelerator = 'webgpu' | 'wasm' | 'cpu';

export interface Vendor {
  readonly tf: Tf;
  readonly converter: Converter;
  /** The wasm back end's own settings; null for the others. */
  readonly wasm: typeof import('@tensorflow/tfjs-backend-wasm') | null;
}

/**
 * Imports tfjs and registers one back end; none is started. The imports stand in a `try`, so that bundlers warn of a peer
 * that is not installed, and do not stop.
 *
 * @throws SegmentError `unsupported` when a peer is missing
 */
export async function loadVendor(accelerator: TfjsAccelerator): Promise<Vendor> {
  try {
    const [tf, converter] = await Promise.all([
      import('@tensorflow/tfjs-core'),
      import('@tensorflow/tfjs-converter'),
    ]);
    if (accelerator === 'wasm') return { tf, converter, wasm: await import('@tensorflow/tfjs-backend-wasm') };
    if (accelerator === 'webgpu') await import('@tensorflow/tfjs-backend-webgpu');
    else await import('@tensorflow/tfjs-backend-cpu');
    return { tf, converter, wasm: null };
  } catch (cause) {
    const peers = ['core', 'converter', `backend-${accelerator}`].map((name) => `@tensorflow/tfjs-${name}`);
    throw new SegmentError(
      'unsupported',
      `tfjs and its back end ${accelerator} are not installed, or do not load`,
      {
        received: firstLine(cause),
        hint: `Run: npm install ${peers.join(' ')}`,
        cause,
      },
    );
  }
}

/** The first line of an error's message. */
export function firstLine(error: unknown): string {
  const said: unknown = Object(error).message ?? error; // tfjs also throws plain objects
  return String(said).split('\n', 1)[0] ?? '';
}
