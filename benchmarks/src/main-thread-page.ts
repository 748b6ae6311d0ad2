// The page of `--main-thread`: segments frames of 1280 x 720 in the adapter's worker, a mark before each.
import { createSegmenter, readClassMap, warmUp } from '@seg/core';
import people from '@seg/models/people';
import { onnxWeb } from '@seg/onnx-web';

const SIZE = { width: 1280, height: 720 };

async function measure(frames: number): Promise<void> {
  const runtime = onnxWeb({ assets: '/assets/', threads: 1 });
  const segmenter = await createSegmenter({ model: people, runtime });
  await warmUp(segmenter);
  const pictures = Array.from({ length: 8 }, (_, index) => drawFrame(index)); // a camera's frames are made elsewhere
  for (let index = -10; index < frames; index++) {
    performance.mark(index < 0 ? 'seg-warm' : 'seg-frame');
    const picture = pictures[(index + 10) % pictures.length];
    if (picture === undefined) continue;
    const segmentation = await segmenter.segment(picture);
    const { data } = await readClassMap(segmentation);
    if (data.length !== SIZE.width * SIZE.height) throw new Error('a class map of another size');
    segmentation.dispose();
  }
  performance.mark('seg-end');
  for (const picture of pictures) picture.close();
  await segmenter.dispose();
}

function drawFrame(index: number): VideoFrame {
  const canvas = new OffscreenCanvas(SIZE.width, SIZE.height);
  const context = canvas.getContext('2d');
  const gradient = context?.createLinearGradient(0, 0, SIZE.width, SIZE.height);
  gradient?.addColorStop(0, '#224');
  gradient?.addColorStop(1, '#fb8');
  if (context && gradient) {
    context.fillStyle = gradient;
    context.fillRect(0, 0, SIZE.width, SIZE.height);
    context.fillStyle = '#d9a';
    context.fillRect(400 + index * 20, 150, 300, 500);
  }
  return new VideoFrame(canvas, { timestamp: index * 33_333 });
}

Object.assign(globalThis, { measure });
