import { compareReadWithout } from '../../runs/compare-placements.js';
import { inThread } from '../thread-task.js';

/** Runs in a worker thread: compares a scenario with itself without a tenant. */
export default inThread(compareReadWithout);
