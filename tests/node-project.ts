import { configDefaults, defineProject, type TestUserConfig } from 'vitest/config';

/** A package's tests in Node: all but test/browser/, which the root's project `chromium` runs. */
export function nodeProject(name: string, options: Pick<TestUserConfig, 'execArgv' | 'testTimeout'> = {}) {
  return defineProject({
    test: { name, exclude: [...configDefaults.exclude, 'test/browser/**'], ...options },
  });
}
