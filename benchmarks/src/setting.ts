import type { ModelCard, ModelVariant, PixelImage, Runtime, Size } from '@seg/core';
import { chooseVariant, SegmentError } from '@seg/core';
import { litert } from '@seg/litert';
import { cards, findCard } from '@seg/models';
import { readPhoto } from '@seg/node';
import { onnxNode } from '@seg/onnx-node';
import { onnxWeb } from '@seg/onnx-web';
import { tfjsWebgpu } from '@seg/tfjs-webgpu';
import { tfliteWasm } from '@seg/tflite-wasm';
import sharp from 'sharp';

/** The model that is measured, opened by nobody yet, and the photo that it is fed. */
export interface Setting {
  readonly card: ModelCard;
  readonly variant: ModelVariant;
  readonly runtime: Runtime;
  readonly runtimeName: RuntimeName;
  readonly image: PixelImage;
}

export interface SettingOptions {
  readonly model: string;
  readonly variant: string | null;
  readonly runtime: string;
  readonly threads: number;
  readonly photo: string;
  /** Null: the model's own input size. */
  readonly size: Size | null;
}

const RUNTIMES = {
  'onnx-node': (threads: number): Runtime => onnxNode({ threads, mode: 'inline' }),
  'onnx-web': (threads: number): Runtime => onnxWeb({ threads }),
  'tflite-wasm': (threads: number): Runtime => tfliteWasm({ threads }),
  litert: (threads: number): Runtime => litert({ threads }),
  'tfjs-wasm': (threads: number): Runtime => tfjsWebgpu({ accelerator: 'wasm', threads }),
  'tfjs-cpu': (): Runtime => tfjsWebgpu({ accelerator: 'cpu' }),
};

export type RuntimeName = keyof typeof RUNTIMES;

export const RUNTIME_NAMES = Object.keys(RUNTIMES);

function isRuntimeName(name: string): name is RuntimeName {
  return Object.hasOwn(RUNTIMES, name);
}

/** @throws SegmentError `invalid-input` for unknown names, and whatever reading the photo throws */
export async function readSetting(options: SettingOptions): Promise<Setting> {
  const card = findCard(options.model);
  if (card === undefined) {
    throw new SegmentError('invalid-input', `there is no model "${options.model}"`, {
      expected: cards.map(({ id }) => id).join(', '),
    });
  }
  const runtimeName = options.runtime;
  if (!isRuntimeName(runtimeName)) {
    throw new SegmentError('invalid-input', `there is no runtime "${runtimeName}"`, {
      expected: RUNTIME_NAMES.join(', '),
    });
  }
  const runtime = RUNTIMES[runtimeName](options.threads);
  const variant = chooseVariant(card, runtime, options.variant ?? undefined);
  const image = await readScaled(options.photo, options.size ?? variant.input.size);
  return { card, variant, runtime, runtimeName, image };
}

async function readScaled(photo: string, { width, height }: Size): Promise<PixelImage> {
  const { image } = await readPhoto(photo);
  const raw = { width: image.width, height: image.height, channels: 3 } as const;
  const data = await sharp(image.data, { raw }).resize(width, height, { fit: 'fill' }).raw().toBuffer();
  return { format: 'rgb8', width, height, data };
}
