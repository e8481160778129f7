import { createServer } from 'node:net';
import { TritonFailure } from './failure.js';
import { waitUntil } from './processes.js';

/** Where a server listens. */
export interface Ports {
  readonly http: number;
  readonly grpc: number;
  readonly metrics: number;
}

export const HOST = '127.0.0.1';
/** What Triton itself listens on where nothing is said. */
export const TRITON_PORTS: Ports = { http: 8000, grpc: 8001, metrics: 8002 };
export const ANY_PORTS: Ports = { http: 0, grpc: 0, metrics: 0 };

const FREE_WITHIN_MS = 3000;
/** Free ports that this process has given away; two servers that start at once get none of them twice. */
const given = new Set<number>();

/**
 * The ports with a free one for each 0. A port that is named is waited for, since a server that has just ended
 * may hold it a moment longer.
 * @throws TritonFailure when a named port stays taken
 */
export async function claimPorts({ http, grpc, metrics }: Ports): Promise<Ports> {
  const claims: Claim[] = [];
  try {
    for (const port of [http, grpc, metrics]) claims.push(await openPort(port));
  } finally {
    // All are held until all are known: no two of them are the same.
    for (const { release } of claims) await release();
  }
  const [first, second, third] = claims.map(({ port }) => port) as [number, number, number];
  return { http: first, grpc: second, metrics: third };
}

export function isFree(port: number): Promise<boolean> {
  return listen(port).then(
    async ({ release }) => {
      await release();
      return true;
    },
    () => false,
  );
}

interface Claim {
  readonly port: number;
  readonly release: () => Promise<void>;
}

async function openPort(port: number): Promise<Claim> {
  if (port !== 0 && !(await waitUntil(() => isFree(port), FREE_WITHIN_MS))) {
    throw new TritonFailure(`port ${port} is taken by another program; name another one, or 0 for any`);
  }
  const claim = await listen(port);
  if (port !== 0 || !given.has(claim.port)) {
    given.add(claim.port);
    return claim;
  }
  const another = await openPort(0);
  await claim.release();
  return another;
}

function listen(port: number): Promise<Claim> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: HOST, exclusive: true }, () => {
      const { port: bound } = server.address() as { port: number };
      resolve({ port: bound, release: () => new Promise((done) => server.close(() => done())) });
    });
  });
}
