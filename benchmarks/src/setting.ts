import type { ModelCard, ModelVariant, PixelImage, Runtime, Size } from '@seg/core';
import { chooseVariant, SegmentError } from '@seg/core';
import { cards, findCard } from '@seg/models';
import { readPhoto } from '@seg/node';
import { onnxNode } from '@seg/onnx-node';
import sharp from 'sharp';

/** The model that is measured, opened by nobody yet, and the photo that it is fed. */
export interface Setting {
  readonly card: ModelCard;
  readonly variant: ModelVariant;
  readonly runtime: Runtime;
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

/** @throws SegmentError `invalid-input` for unknown names, and whatever reading the photo throws */
export async function readSetting(options: SettingOptions): Promise<Setting> {
  const card = findCard(options.model);
  if (card === undefined) {
    throw new SegmentError('invalid-input', `there is no model "${options.model}"`, {
      expected: cards.map(({ id }) => id).join(', '),
    });
  }
  if (options.runtime !== 'onnx-node') {
    throw new SegmentError('invalid-input', `there is no runtime "${options.runtime}"`, {
      expected: 'onnx-node',
    });
  }
  const runtime = onnxNode({ threads: options.threads, mode: 'inline' });
  const variant = chooseVariant(card, runtime, options.variant ?? undefined);
  const image = await readScaled(options.photo, options.size ?? variant.input.size);
  return { card, variant, runtime, image };
}

async function readScaled(photo: string, { width, height }: Size): Promise<PixelImage> {
  const { image } = await readPhoto(photo);
  const raw = { width: image.width, height: image.height, channels: 3 } as const;
  const data = await sharp(image.data, { raw }).resize(width, height, { fit: 'fill' }).raw().toBuffer();
  return { format: 'rgb8', width, height, data };
}
