import type { Strides } from './grid.ts';

/**
 * Bilinear samples in WGSL. Plan tables 0-3: the sample at the left and its right neighbour's share for each column, the
 * same for rows (core's `sampleAxis`). Header: 0-1 the wanted size, 2-5 the first and the end of the columns and rows
 * that the model saw. `value(at)` must be declared.
 */
export function samplesOf({ width, height, stepC, stepX, stepY }: Strides): string {
  return /* wgsl */ `
struct Corners { at: u32, right: u32, down: u32, along: f32, below: f32 }

fn wasSeen(x: u32, y: u32) -> bool {
  let pixel = vec2i(i32(x), i32(y));
  return pixel.x >= header(2u) && pixel.x < header(3u) && pixel.y >= header(4u) && pixel.y < header(5u);
}

fn cornersOf(x: u32, y: u32) -> Corners {
  let at = whole(0u, x) * ${stepX}u + whole(2u, y) * ${stepY}u;
  return Corners(at, ${width > 1 ? stepX : 0}u, ${height > 1 ? stepY : 0}u, real(1u, x), real(3u, y));
}

fn interpolate(corners: Corners, channel: u32) -> f32 {
  let at = corners.at + channel * ${stepC}u;
  let a = value(at);
  let c = value(at + corners.down);
  let top = a + (value(at + corners.right) - a) * corners.along;
  let bottom = c + (value(at + corners.down + corners.right) - c) * corners.along;
  return top + (bottom - top) * corners.below;
}
`;
}
