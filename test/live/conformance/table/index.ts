import type { ConformanceCase } from '../conformance-case.js';
import { BATCHING } from './batching.js';
import { CONFIGURATIONS } from './configurations.js';
import { GOLDEN } from './golden.js';
import { QUEUE_POLICIES } from './queue-policies.js';
import { SCHEDULERS } from './schedulers.js';

/** The conformance table. */
export const TABLE: readonly ConformanceCase[] = [
  ...GOLDEN,
  ...BATCHING,
  ...QUEUE_POLICIES,
  ...SCHEDULERS,
  ...CONFIGURATIONS,
];
