import { type ModelPart, SegmentError } from '@seg/core';

/**
 * Refuses parts that could lead out of a folder or name no file of the cache. The card's parser does so too, but cards are
 * also written as code.
 *
 * @throws SegmentError `invalid-card`
 */
export function checkPart(part: ModelPart): void {
  const segments = part.path.split('/');
  const leaves = segments.some((segment) => segment === '' || segment === '.' || segment === '..');
  // `\` separates folders and `:` names drives and streams on Windows; `\0` ends a path in C
  if (leaves || ['\\', ':', '\0'].some((character) => part.path.includes(character))) {
    throw new SegmentError('invalid-card', "a part's path", {
      expected: "a relative path with / between its segments and without '..', ':' or '\\'",
      received: JSON.stringify(part.path),
    });
  }
  if (!/^[0-9a-f]{64}$/.test(part.sha256)) {
    throw new SegmentError('invalid-card', `the sha256 of ${part.path}`, {
      expected: '64 lower-case hexadecimal digits',
      received: JSON.stringify(part.sha256),
    });
  }
}

/** The part's path and its base name: a mirror may keep a model's folders or be one flat folder. */
export function mirrorNames(part: ModelPart): string[] {
  const base = part.path.slice(part.path.lastIndexOf('/') + 1);
  return base === part.path ? [base] : [part.path, base];
}
