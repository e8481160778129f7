import { compareRead } from '../../runs/compare-placements.js';
import { inThread } from '../thread-task.js';

/** Runs in a worker thread: compares placements. */
export default inThread(compareRead);
