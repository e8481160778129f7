import { inThread } from '../../../../src/node/memory/thread-task.js';
import { fails } from './functions.js';

export default inThread(fails);
