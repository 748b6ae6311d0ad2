import { SegmentError } from './errors.ts';
import { suggestion } from './suggest.ts';

/** A value inside a JSON document, and where: every refusal names the path. */
export interface Field {
  readonly value: unknown;
  readonly path: string;
}

/** Reads one field as `Result` or refuses it. */
export type Reader<Result> = (field: Field) => Result;

export function refuse(field: Field, expected: string, hint?: string): never {
  const received = (JSON.stringify(field.value) ?? 'nothing').slice(0, 60);
  throw new SegmentError('invalid-card', 'wrong model card', {
    path: field.path,
    expected,
    received,
    ...(hint === undefined ? {} : { hint }),
  });
}

export const text: Reader<string> = (field) =>
  typeof field.value === 'string' && field.value.length > 0 ? field.value : refuse(field, 'a text');

/** A text that `pattern` matches; `expected` says it in words. */
export function matching(pattern: RegExp, expected: string): Reader<string> {
  return (field) =>
    typeof field.value === 'string' && pattern.test(field.value) ? field.value : refuse(field, expected);
}

export function oneOf<Value extends string | number>(...values: readonly Value[]): Reader<Value> {
  return (field) =>
    values.find((value) => value === field.value) ??
    refuse(field, values.map((value) => JSON.stringify(value)).join(' or '));
}

export function number(least: number, most: number): Reader<number> {
  return (field) =>
    typeof field.value === 'number' && field.value >= least && field.value <= most
      ? field.value
      : refuse(field, `a number from ${least} to ${most}`);
}

export function whole(least: number, most: number): Reader<number> {
  return (field) =>
    Number.isInteger(field.value)
      ? number(least, most)(field)
      : refuse(field, `a whole number from ${least} to ${most}`);
}

export function list<Item>(item: Reader<Item>, least = 0, most = 65536): Reader<readonly Item[]> {
  return (field) => {
    if (!Array.isArray(field.value) || field.value.length < least || field.value.length > most) {
      return refuse(field, least === most ? `a list of ${least}` : `a list of at least ${least}`);
    }
    return field.value.map((value: unknown, index) => item({ value, path: `${field.path}[${index}]` }));
  };
}

/** A list of exactly three. */
export function triple<Item>(item: Reader<Item>): Reader<readonly [Item, Item, Item]> {
  return (field) => {
    const [a, b, c] = list(item, 3, 3)(field);
    return a === undefined || b === undefined || c === undefined ? refuse(field, 'a list of 3') : [a, b, c];
  };
}

export function record<Value>(value: Reader<Value>): Reader<Readonly<Record<string, Value>>> {
  return (field) =>
    Object.fromEntries(
      Object.entries(asObject(field)).map(([key, entry]) => [
        key,
        value({ value: entry, path: `${field.path}.${key}` }),
      ]),
    );
}

type Fields<Shape> = { readonly [Key in keyof Required<Shape>]: Reader<Shape[Key]> };

/**
 * An object with these fields and no other. A field whose reader is made by {@link optional} may be absent; it is then
 * absent from the result too.
 */
export function object<Shape>(fields: Fields<Shape>): Reader<Shape> {
  return (field) => {
    const value = asObject(field);
    const known = Object.keys(fields);
    for (const key of Object.keys(value)) {
      if (known.includes(key)) continue;
      refuse(
        { value: value[key], path: `${field.path}.${key}` },
        'no such field',
        suggestion(key, known, 'fields'),
      );
    }
    const entries = Object.entries<Reader<unknown>>(fields)
      .map(([key, read]) => [key, read({ value: value[key], path: `${field.path}.${key}` })] as const)
      .filter(([, entry]) => entry !== undefined);
    // biome-ignore lint/plugin: every key of Shape was read by the reader of its own type
    return Object.fromEntries(entries) as Shape;
  };
}

/** For fields that may be absent. */
export function optional<Value>(read: Reader<Value>): Reader<Value> {
  return (field) => {
    if (field.value !== undefined) return read(field);
    // biome-ignore lint/plugin: an absent field reads as undefined, which `object` leaves out
    return undefined as Value;
  };
}

function asObject(field: Field): Readonly<Record<string, unknown>> {
  const { value } = field;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(field, 'an object');
  // biome-ignore lint/plugin: a plain object of JSON has text keys
  return value as Readonly<Record<string, unknown>>;
}
