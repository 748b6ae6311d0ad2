import { createSegmenter, readClassMap } from '@seg/core';
import { readSetting, type SettingOptions } from './setting.ts';

/** Resident memory in MB (10^6 bytes); growth is the share by which the last exceeds the first. */
export interface Memory {
  readonly model: string;
  readonly runtime: string;
  readonly after100: number;
  readonly after1000: number;
  readonly growth: number;
}

/** Segments one photo 1,000 times and reads the class map each time. */
export async function measureMemory(options: SettingOptions): Promise<Memory> {
  const { card, variant, runtime, image } = await readSetting(options);
  const segmenter = await createSegmenter({ model: card, runtime, variant: variant.id });
  const marks: number[] = [];
  for (let run = 1; run <= 1000; run++) {
    const segmentation = await segmenter.segment(image);
    await readClassMap(segmentation);
    segmentation.dispose();
    if (run === 100 || run === 1000) marks.push(Math.round(process.memoryUsage.rss() / 1e6));
  }
  await segmenter.dispose();
  const [after100 = 0, after1000 = 0] = marks;
  return { model: card.id, runtime: runtime.name, after100, after1000, growth: after1000 / after100 - 1 };
}
