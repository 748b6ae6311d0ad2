import { afterEach, describe, expect, test, vi } from 'vitest';
import { canUseThreads, defaultThreads, requireIsolation } from '../src/isolation.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

function stubPage(crossOriginIsolated: boolean, hardwareConcurrency = 8): void {
  vi.stubGlobal('crossOriginIsolated', crossOriginIsolated);
  vi.stubGlobal('navigator', { hardwareConcurrency });
}

test('Node can use threads', () => {
  expect(canUseThreads()).toBe(true);
  expect(() => requireIsolation(2)).not.toThrow();
});

describe('on a page', () => {
  test('that is isolated, half of the cores, 1 to 4', () => {
    const threads = [1, 2, 3, 4, 8, 64].map((cores) => {
      stubPage(true, cores);
      return defaultThreads();
    });
    expect(threads).toEqual([1, 1, 1, 2, 4, 4]);
    expect(() => requireIsolation(4)).not.toThrow();
  });

  test('that is not, one thread; more are refused with the two headers', () => {
    stubPage(false);
    expect(canUseThreads()).toBe(false);
    expect(defaultThreads()).toBe(1);
    expect(() => requireIsolation(1)).not.toThrow();
    expect(() => requireIsolation(undefined)).not.toThrow();
    expect(() => requireIsolation(2)).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        message: expect.stringMatching(
          /expected 1.*received 2.*Cross-Origin-Opener-Policy: same-origin.*Embedder-Policy: require-corp/,
        ),
      }),
    );
  });

  test('without shared memory, one thread', () => {
    stubPage(true);
    vi.stubGlobal('SharedArrayBuffer', undefined);
    expect(defaultThreads()).toBe(1);
  });
});

test.each([0, -1, 1.5, Number.NaN])('%d threads are no number of threads', (threads) => {
  expect(() => requireIsolation(threads)).toThrow(expect.objectContaining({ code: 'invalid-input' }));
});
