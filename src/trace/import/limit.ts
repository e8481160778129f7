import { InputError } from '../../base/problem.js';
import { placeOf } from '../collect.js';
import type { ImportOptions } from './options.js';

const DEFAULT_MAX_REQUESTS = 50_000_000;

/** @throws InputError when an import would make more requests than it is allowed to */
export function checkRequestCount(count: number, options: ImportOptions): void {
  const limit = options.maxRequests ?? DEFAULT_MAX_REQUESTS;
  if (count <= limit) return;
  throw InputError.of(
    `the trace would have more than ${limit} requests (at least ${Math.ceil(count)})`,
    'import a part of its time (--start, --end), or raise --max-requests',
    placeOf(options),
  );
}
