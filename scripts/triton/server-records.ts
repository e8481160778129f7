import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '../../src/node/files/atomic-write.js';
import { isRunning } from './processes.js';
import type { ServerIdentity } from './server.js';

/** A server that the command line has started, for `status` and `stop` in other processes. */
export interface ServerRecord extends ServerIdentity {
  readonly url: string;
  readonly httpUrl: string;
  readonly metricsUrl: string;
  readonly repository: string;
  readonly logFile: string;
}

/** Where the logs and records of servers are. */
export function runFolder(folder: string): string {
  return join(folder, 'run');
}

/** Notes a server; the answer forgets it again. */
export async function recordServer(folder: string, record: ServerRecord): Promise<() => void> {
  const file = recordFile(folder, record);
  await writeFileAtomically(file, `${JSON.stringify(record, null, 2)}\n`);
  return () => rmSync(file, { force: true });
}

/** The servers that run; records of others are removed. */
export function runningServers(folder: string): ServerRecord[] {
  mkdirSync(runFolder(folder), { recursive: true });
  const records = readdirSync(runFolder(folder))
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(runFolder(folder), name), 'utf8')) as ServerRecord);
  return records.filter((record) => {
    if (isRunning(record.process)) return true;
    rmSync(recordFile(folder, record), { force: true });
    return false;
  });
}

export function forgetServer(folder: string, record: ServerRecord): void {
  rmSync(recordFile(folder, record), { force: true });
}

function recordFile(folder: string, { ports }: ServerIdentity): string {
  return join(runFolder(folder), `server-${ports.grpc}.json`);
}
