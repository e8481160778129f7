import { explainRead } from '../../runs/explain-scenario.js';
import { inThread } from '../thread-task.js';

/** Runs in a worker thread: explains tenants. */
export default inThread(explainRead);
