import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { serverTimes, takenBetween } from '../../src/live/server-processes.js';

interface Listed {
  readonly id: number;
  readonly parent: number;
  readonly name: string;
  readonly user: number;
  readonly system: number;
}

/** A folder as the kernel shows its processes, times in hundredths of a second. */
async function proc(processes: readonly Listed[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'perseus-proc-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'stat'), 'cpu  1 2 3 4\n');
  for (const { id, parent, name, user, system } of processes) {
    await mkdir(join(folder, String(id)));
    const fields = ['S', parent, 1, 1, 0, -1, 4194560, 9, 8, 7, 6, user, system, 500, 500, 20, 0, 3, 0];
    await writeFile(join(folder, String(id), 'stat'), `${id} (${name}) ${fields.join(' ')}\n`);
  }
  return folder;
}

const total = (urls: readonly string[], folder: string) => {
  const times = serverTimes(urls, folder);
  return times && takenBetween(new Map(), times);
};

const SERVER = { id: 40, parent: 1, name: 'tritonserver', user: 200, system: 50 };

it('the server takes what it and all that it started took, whatever their names and numbers', async () => {
  const folder = await proc([
    { id: 1, parent: 0, name: 'init', user: 900, system: 900 },
    { id: 7, parent: 33, name: 'of a (stub', user: 30, system: 0 },
    { id: 33, parent: 40, name: 'triton_python_b', user: 100, system: 20 },
    SERVER,
    { id: 50, parent: 1, name: 'not tritonserver', user: 800, system: 800 },
  ]);
  expect(total(['localhost:8001'], folder)).toBe(4);
});

it('of several servers those count that listen where requests are sent', async () => {
  const folder = await proc([SERVER, { ...SERVER, id: 41, user: 1000, system: 0 }]);
  await mkdir(join(folder, 'net'));
  const line = (port: number, state: string, inode: number) =>
    ` 0: 0100007F:${port.toString(16).toUpperCase()} 00000000:0000 ${state} 0:0 00:0 00000000 0 0 ${inode} 1 0 100 0`;
  const tables = { tcp: [line(8001, '0A', 77), line(8001, '01', 66)], tcp6: [line(9001, '0A', 88)] };
  for (const [table, lines] of Object.entries(tables))
    await writeFile(join(folder, 'net', table), `  sl  local_address rem_address st\n${lines.join('\n')}\n`);
  for (const [id, inode] of [
    [40, 77],
    [41, 88],
  ]) {
    await mkdir(join(folder, String(id), 'fd'));
    await symlink(`socket:[${inode}]`, join(folder, String(id), 'fd', '5'));
  }
  expect(total(['localhost:8001'], folder)).toBe(2.5);
  expect(total(['grpc://[::1]:9001'], folder)).toBe(10);
  expect(total(['localhost:8001', 'localhost:9001'], folder)).toBe(12.5);
  expect(total(['localhost:7001'], folder)).toBeUndefined();
});

it('where no server is seen, or not which of two is meant, nothing is told', async () => {
  const told = async (processes: readonly Listed[]) => total(['localhost:8001'], await proc(processes));
  expect(await told([{ ...SERVER, name: 'docker-proxy' }])).toBeUndefined();
  expect(await told([SERVER, { ...SERVER, id: 41 }])).toBeUndefined();
  expect(total(['localhost:8001'], join(tmpdir(), 'perseus-no-such-proc'))).toBeUndefined();
});

it('what a process took before counts for nothing, and one that ended takes nothing from what others took', () => {
  const before = new Map([
    [40, 2.5],
    [33, 60],
  ]);
  const after = new Map([
    [40, 3],
    [77, 1.5],
  ]);
  expect(takenBetween(before, after)).toBe(2);
});
