/** The names that a mistyped one may have meant, nearest first, three at most. */
export function nearNames(wanted: string, names: readonly string[]): string[] {
  const lower = wanted.toLowerCase();
  return names
    .map((name) => ({ name, distance: distance(lower, name.toLowerCase()) }))
    .filter(({ name, distance: d }) => d <= Math.max(2, name.length / 3) || contains(name, lower))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** `Did you mean a or b?`, or the whole list where nothing is near. */
export function suggestion(wanted: string, names: readonly string[], plural: string): string {
  const near = nearNames(wanted, names);
  return near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `The ${plural} are ${names.join(', ')}.`;
}

/** One letter is in every name. */
function contains(name: string, wanted: string): boolean {
  return wanted.length > 1 && name.toLowerCase().includes(wanted);
}

/** Levenshtein's edit distance, one row at a time. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current[j] = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, substitute);
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
