import { SegmentError } from './errors.ts';
import { suggestion } from './suggest.ts';

/** Red, green, blue; 0 to 255 for colours, units of bytes for means and deviations. */
export type Rgb = readonly [number, number, number];

/** The classes of a model, in the order of their indexes. Index 0 also stands for pixels that no model saw. */
export interface LabelSet {
  /** For example `voc-21`. */
  readonly id: string;
  readonly names: readonly string[];
  /** One colour a label, for drawing; the VOC colour map where absent. */
  readonly colors?: readonly Rgb[];
}

/**
 * Which labels are meant: a label's or a group's name, a list of them, or all but a selection.
 * Where a selection may be left out, it is everything but the background.
 */
export type Selection = string | readonly Selection[] | { readonly not: Selection };

/** What gives a selection's names their meaning: a model card, or these two parts of one. */
export interface LabelNames {
  readonly labels: LabelSet;
  readonly groups: Readonly<Record<string, Selection>>;
}

/**
 * The label indexes that a selection means, ascending.
 *
 * @throws SegmentError `invalid-input` for a name that is neither label nor group (the message lists the near ones),
 * and for a group that contains itself
 */
export function resolveSelection(selection: Selection | undefined, names: LabelNames): readonly number[] {
  const indexes = selection === undefined ? foreground(names) : resolve(selection, names, []);
  return [...indexes].sort((a, b) => a - b);
}

function foreground(names: LabelNames): Set<number> {
  const background = names.labels.names.includes('background') || 'background' in names.groups;
  return background ? resolve({ not: 'background' }, names, []) : everything(names);
}

function resolve(selection: Selection, names: LabelNames, inside: readonly string[]): Set<number> {
  if (typeof selection === 'string') return resolveName(selection, names, inside);
  if (isList(selection)) {
    return new Set(selection.flatMap((item) => [...resolve(item, names, inside)]));
  }
  const excluded = resolve(selection.not, names, inside);
  return new Set([...everything(names)].filter((index) => !excluded.has(index)));
}

function resolveName(name: string, names: LabelNames, inside: readonly string[]): Set<number> {
  const index = names.labels.names.indexOf(name);
  if (index >= 0) return new Set([index]);
  const group = Object.hasOwn(names.groups, name) ? names.groups[name] : undefined;
  if (group === undefined) {
    const known = [...names.labels.names, ...Object.keys(names.groups)];
    throw new SegmentError('invalid-input', `"${name}" is neither a label nor a group of this model`, {
      hint: suggestion(name, known, 'names'),
    });
  }
  if (inside.includes(name)) {
    throw new SegmentError('invalid-input', `the group "${name}" contains itself`, {
      received: [...inside, name].join(' > '),
    });
  }
  return resolve(group, names, [...inside, name]);
}

function everything(names: LabelNames): Set<number> {
  return new Set(names.labels.names.keys());
}

function isList(selection: Exclude<Selection, string>): selection is readonly Selection[] {
  return Array.isArray(selection);
}
