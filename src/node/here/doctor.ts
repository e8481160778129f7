import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { InputError } from '../../base/problem.js';
import { missingRedisPackages } from '../sweep/redis/packages.js';

/** Something that only a part of perseus needs. */
export interface Need {
  readonly name: string;
  readonly isThere: boolean;
  readonly found: string;
  readonly neededBy: string;
  readonly remedy?: string;
}

/** A server that is there answers at once. */
const PATIENCE_MS = 2000;

/** What the live parts need and whether it is there. Simulating needs none of it. */
export async function examine(urls: { readonly triton: string; readonly redis: string }): Promise<Need[]> {
  return Promise.all([
    examineTriton(urls.triton),
    examinePython(),
    examinePackages(),
    examineRedis(urls.redis),
  ]);
}

async function examineTriton(url: string): Promise<Need> {
  const about = { name: 'Triton', neededBy: 'perseus calibrate, live, validate' };
  const { connectTriton } = await import('../../live/triton/connect.js');
  const client = connectTriton({ url, deadlineMs: PATIENCE_MS });
  try {
    const { version } = await client.serverFacts();
    return { ...about, isThere: true, found: `version ${version} at ${url}` };
  } catch (error) {
    if (error instanceof InputError) throw error;
    return {
      ...about,
      isThere: false,
      found: `none answers at ${url}`,
      remedy:
        'name yours with --url, or start one: npm run triton in a checkout of perseus (no GPU, no Docker), or NVIDIA’s image nvcr.io/nvidia/tritonserver',
    };
  } finally {
    client.close();
  }
}

async function examinePython(): Promise<Need> {
  const about = { name: 'Python', neededBy: 'npm run triton, whose sample models are of the Python backend' };
  try {
    const { stdout } = await promisify(execFile)('python3', ['--version'], { timeout: PATIENCE_MS });
    return { ...about, isThere: true, found: stdout.trim() };
  } catch {
    return {
      ...about,
      isThere: false,
      found: 'python3 does not run',
      remedy: 'install Python 3, such as with apt-get install python3',
    };
  }
}

async function examinePackages(): Promise<Need> {
  const missing = missingRedisPackages();
  const about = { name: 'Redis packages', neededBy: 'perseus worker, sweep --engine redis://…' };
  if (missing.length === 0) return { ...about, isThere: true, found: 'bullmq and ioredis' };
  const found = `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not installed`;
  return {
    ...about,
    isThere: false,
    found,
    remedy: 'npm install bullmq@6 ioredis@5 where perseus is installed',
  };
}

async function examineRedis(address: string): Promise<Need> {
  const about = { name: 'Redis', neededBy: 'perseus worker, sweep --engine redis://…' };
  const { hostname, port } = addressOf(address);
  const isThere = await answers(hostname, Number(port || REDIS_PORT));
  if (isThere) return { ...about, isThere, found: `something listens at ${address}` };
  const remedy = 'name yours with --redis, or start one: apt-get install redis-server, or the image redis';
  return { ...about, isThere, found: `nothing listens at ${address}`, remedy };
}

const REDIS_PORT = 6379;

/** @throws InputError where it is none */
function addressOf(address: string): URL {
  const text = address.includes('://') ? address : `redis://${address}`;
  if (URL.canParse(text)) return new URL(text);
  throw InputError.of(`"${address}" is no address`, 'write host:port', { path: '--redis' });
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PATIENCE_MS });
    const end = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
