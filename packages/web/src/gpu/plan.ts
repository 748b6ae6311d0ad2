import { type GpuBuffer, type GpuDevice, USAGE } from './types.ts';

/**
 * What a shader must know of one picture's geometry, in one storage buffer of 32-bit words: up to 16 whole numbers, then
 * where each of up to 8 tables begins, then the tables.
 */
export interface Plan {
  readonly header: readonly number[];
  readonly tables: readonly (Int32Array | Uint32Array | Float32Array)[];
}

/** Reads a plan in WGSL: `header(i)`, `whole(table, i)`, `real(table, i)`. It is binding 0. */
export const PLAN = /* wgsl */ `
@group(0) @binding(0) var<storage, read> plan: array<u32>;
fn header(index: u32) -> i32 { return bitcast<i32>(plan[index]); }
fn whole(table: u32, index: u32) -> u32 { return plan[plan[16u + table] + index]; }
fn real(table: u32, index: u32) -> f32 { return bitcast<f32>(plan[plan[16u + table] + index]); }
`;

const TABLES_AT = 24;

function packPlan({ header, tables }: Plan): Uint32Array<ArrayBuffer> {
  const length = tables.reduce((sum, table) => sum + table.length, TABLES_AT);
  const words = new Uint32Array(length);
  new Int32Array(words.buffer).set(header);
  let start = TABLES_AT;
  tables.forEach((table, index) => {
    words[16 + index] = start;
    words.set(new Uint32Array(table.buffer, table.byteOffset, table.length), start);
    start += table.length;
  });
  return words;
}

/** Plans on one device, kept while they are in use: frames of one size share theirs. */
export interface PlanCache {
  /** The plan under `key`, made by `make` where it is new. */
  get(key: string, make: () => Plan): { readonly buffer: GpuBuffer; readonly isNew: boolean };
  /** For a plan that turned out not to work: the next use of it counts as its first again. */
  forget(key: string): void;
  clear(): void;
}

/** Plans kept: a photo's own size, the model's, and those of a preview or two. */
const KEPT = 6;

export function createPlanCache(device: GpuDevice): PlanCache {
  const plans = new Map<string, GpuBuffer>();
  return {
    get(key, make) {
      const found = plans.get(key);
      if (found !== undefined) {
        plans.delete(key); // and in again, as the newest
        plans.set(key, found);
        return { buffer: found, isNew: false };
      }
      const words = packPlan(make());
      const buffer = device.createBuffer({ size: words.byteLength, usage: USAGE.storage | USAGE.copyTarget });
      device.queue.writeBuffer(buffer, 0, words);
      plans.set(key, buffer);
      for (const [oldest, old] of plans) {
        if (plans.size <= KEPT) break;
        plans.delete(oldest);
        old.destroy(); // work that was submitted with it still finds it
      }
      return { buffer, isNew: true };
    },
    forget(key) {
      plans.get(key)?.destroy();
      plans.delete(key);
    },
    clear() {
      for (const buffer of plans.values()) buffer.destroy();
      plans.clear();
    },
  };
}
