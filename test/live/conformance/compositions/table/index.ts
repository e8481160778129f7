import type { CompositionCase } from '../composition-case.js';
import { CACHES } from './caches.js';
import { CALLS } from './calls.js';
import { ENSEMBLES } from './ensembles.js';
import { LIMITS } from './limits.js';
import { LOADING } from './loading.js';
import { SEQUENCES } from './sequences.js';
import { STREAMS } from './streams.js';

/** The conformance table of models that work for others, keep state or answers. */
export const COMPOSITIONS: readonly CompositionCase[] = [
  ...ENSEMBLES,
  ...SEQUENCES,
  ...CACHES,
  ...CALLS,
  ...STREAMS,
  ...LOADING,
  ...LIMITS,
];
