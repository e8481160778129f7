import { whyNoRedis } from '../../node/sweep/redis-server.js';
import { tritonAvailable } from './installed.js';

/** Says once, before any test, which tests of the suite are skipped and why. */
export default function sayWhatIsMissing(): void {
  const noTriton = tritonAvailable();
  const noRedis = whyNoRedis();
  const say = (server: string, why: string) =>
    process.stderr.write(`The tests against a real ${server} are skipped: ${why}\n`);
  if (noTriton !== undefined) say('Triton', noTriton);
  if (noRedis !== undefined) say('Redis', noRedis);
}
