import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parseAddress, socketAddress } from './triton/address.js';

/** Name of Triton's process, as the kernel keeps it. */
const SERVER = 'tritonserver';
/** USER_HZ, the unit in which Linux tells times of processes on every architecture that Node runs on. */
const TICKS_PER_S = 100;

/** Core time that processes have taken since they began, seconds, by their numbers. */
export type ProcessTimes = ReadonlyMap<number, number>;

/** What processes took between two looks, seconds. One that ended meanwhile took no one knows how much of it: it does not count. */
export function takenBetween(before: ProcessTimes, after: ProcessTimes): number {
  return [...after].reduce((sum, [id, seconds]) => sum + Math.max(0, seconds - (before.get(id) ?? 0)), 0);
}

/**
 * Times of the Triton servers of this machine and of the processes they started (stubs of the python backend). Undefined where
 * nothing tells: no Linux, a server in another container, or several of which it is not seen which is meant.
 * @param urls addresses of the servers
 * @param proc where the kernel shows its processes
 */
export function serverTimes(urls: readonly string[], proc = '/proc'): ProcessTimes | undefined {
  const processes = readProcesses(proc);
  const family = new Set(serversAt(urls, processes, proc));
  if (family.size === 0) return undefined;
  // A child may have a lower number than its parent once numbers begin anew.
  for (let size = 0; size < family.size; ) {
    size = family.size;
    for (const { id, parent } of processes) if (family.has(parent)) family.add(id);
  }
  const own = processes.filter(({ id }) => family.has(id));
  return new Map(own.map(({ id, ticks }) => [id, ticks / TICKS_PER_S]));
}

/** Numbers of the servers' processes; none where one of them is not seen. The only one of a machine is the one that is meant. */
function serversAt(urls: readonly string[], processes: readonly Process[], proc: string): number[] {
  const servers = processes.filter(({ name }) => name === SERVER).map(({ id }) => id);
  if (urls.length === 1 && servers.length < 2) return servers;
  const found = urls.map((url) => {
    const sockets = listeningSockets(socketAddress(parseAddress(url).target).port, proc);
    return servers.find((id) => openFiles(id, proc).some((file) => sockets.has(file)));
  });
  return found.every((id) => id !== undefined) ? found : [];
}

const LISTENING = '0A';

/** As the links of open files name them. Of a table's line: number, own address, other address, state, …, inode as tenth. */
function listeningSockets(port: number, proc: string): ReadonlySet<string> {
  const lines = ['tcp', 'tcp6'].flatMap((table) =>
    orNothing(() => readFileSync(join(proc, 'net', table), 'utf8').split('\n')),
  );
  const inodes = lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, own, , state]) => state === LISTENING && parseInt(own!.split(':').at(-1)!, 16) === port)
    .map((fields) => `socket:[${fields[9]}]`);
  return new Set(inodes);
}

function openFiles(id: number, proc: string): string[] {
  const folder = join(proc, String(id), 'fd');
  return orNothing(() => readdirSync(folder)).flatMap((file) =>
    orNothing(() => [readlinkSync(join(folder, file))]),
  );
}

interface Process {
  readonly id: number;
  readonly parent: number;
  readonly name: string;
  /** Core time in user and in system mode. */
  readonly ticks: number;
}

function readProcesses(proc: string): Process[] {
  return orNothing(() => readdirSync(proc))
    .filter((name) => /^\d+$/.test(name))
    .flatMap((id) => orNothing(() => [parseStat(readFileSync(join(proc, id, 'stat'), 'utf8'))]));
}

/** A process may end between two looks at it. */
function orNothing<T>(read: () => T[]): T[] {
  try {
    return read();
  } catch {
    return [];
  }
}

/** A line of `/proc/PID/stat`, see proc(5): a name may hold anything, blanks and brackets too. */
function parseStat(line: string): Process {
  const [open, close] = [line.indexOf('('), line.lastIndexOf(')')];
  const fields = line.slice(close + 2).split(' ');
  return {
    id: Number(line.slice(0, open)),
    parent: Number(fields[1]),
    name: line.slice(open + 1, close),
    ticks: Number(fields[11]) + Number(fields[12]),
  };
}
