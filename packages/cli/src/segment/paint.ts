import { type ClassMap, type LabelSet, labelColor, type Mask } from '@seg/core';

/** What of a class map is drawn and written: the map with only the selected labels in it. */

type Labels = Pick<ClassMap, 'width' | 'height' | 'data' | 'labels'>;
type Plane = Pick<Mask, 'width' | 'height' | 'data'>;

/** 255 where the pixel's label is selected. */
export function maskOf(map: Labels, selected: readonly number[]): Plane {
  return {
    width: map.width,
    height: map.height,
    data: mapBytes(map.data, (label) => (selected.includes(label) ? 255 : 0)),
  };
}

/**
 * A cut-out's alpha from scores: below 1/4 nothing, from 3/4 all, between them a ramp. Scores themselves leave a haze of
 * what was cut off and holes in what was kept (seen on the photos of people); the ramp keeps the edges soft.
 */
export function cutoutAlpha({ width, height, data }: Plane): Plane {
  return {
    width,
    height,
    data: mapBytes(data, (score) => Math.min(255, Math.max(0, Math.round(score * 2 - 127.5)))),
  };
}

/** The map with 0 where the label is not selected. */
export function onlySelected(map: Labels, selected: readonly number[]): Labels {
  return { ...map, data: mapBytes(map.data, (label) => (selected.includes(label) ? label : 0)) };
}

/**
 * The map for an overlay, which leaves index 0 untinted: every label moves up by one, so that the background too can be
 * tinted where it is selected.
 */
export function forOverlay(map: Labels, selected: readonly number[]): Labels {
  if (!selected.includes(0)) return onlySelected(map, selected);
  const data = mapBytes(map.data, (label) => (selected.includes(label) ? Math.min(label + 1, 255) : 0));
  return { ...map, data, labels: shifted(map.labels) };
}

function shifted(labels: LabelSet): LabelSet {
  const colors = labels.names.map((_, index) => labelColor(labels, index));
  return {
    id: labels.id,
    names: ['', ...labels.names].slice(0, 256),
    colors: [[0, 0, 0] as const, ...colors].slice(0, 256),
  };
}

function mapBytes(data: Uint8Array, change: (byte: number) => number): Uint8Array {
  const table = Uint8Array.from({ length: 256 }, (_, byte) => change(byte));
  return data.map((byte) => table[byte] ?? 0);
}
