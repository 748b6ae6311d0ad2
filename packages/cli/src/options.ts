import { InvalidArgumentError } from 'commander';

/** For options that may be repeated and may hold several words with commas between them. */
export function collect(text: string, words: readonly string[] = []): string[] {
  const more = text.split(',').map((word) => word.trim());
  if (more.includes('')) throw new InvalidArgumentError('A name is empty.');
  return [...words, ...more];
}

/** A whole number of at least 1. */
export function positive(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= 1024) return number;
  throw new InvalidArgumentError('Expected a whole number from 1 to 1024.');
}
