// A worker in a process of its own, which may be killed: redis-worker-process.ts URL
import { parseRedisUrl } from '../../../src/node/sweep/redis/redis-url.js';
import { runRedisWorker } from '../../../src/node/sweep/redis/redis-worker.js';

const controller = new AbortController();
process.on('SIGTERM', () => controller.abort());
// Dead workers are noticed sooner than in earnest.
const options = { threads: 1, silenceMs: 2000, onReady: () => process.stdout.write('ready\n') };
runRedisWorker(parseRedisUrl(process.argv[2]!, 'url'), options, controller.signal);
