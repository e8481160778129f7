import { inThread } from '../../../../src/node/memory/thread-task.js';
import { twice } from './functions.js';

export default inThread(twice);
