import { createRequire } from 'node:module';
import { InputError } from '../../../base/problem.js';

/** What only sweeps over a Redis need: optional peers of perseus, which npm does not install with it. */
const PACKAGES = ['bullmq', 'ioredis'];

/** Those of them that are not installed. */
export function missingRedisPackages(): string[] {
  const { resolve } = createRequire(import.meta.url);
  return PACKAGES.filter((name) => {
    try {
      resolve(name);
      return false;
    } catch {
      return true;
    }
  });
}

/**
 * @param option that asks for a Redis, for the message
 * @throws InputError where a package is not installed
 */
export function requireRedisPackages(option: string): void {
  const missing = missingRedisPackages();
  if (missing.length === 0) return;
  const what = `a Redis needs ${missing.join(' and ')}, which ${missing.length === 1 ? 'is' : 'are'} not installed`;
  throw InputError.of(what, 'run npm install bullmq@6 ioredis@5 where perseus is installed', {
    path: option,
  });
}
