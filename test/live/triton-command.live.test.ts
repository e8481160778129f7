import { type ChildProcess, spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tritonFolder } from '../../scripts/triton/folders.js';
import { identify, isRunning, type ProcessId, waitUntil } from '../../scripts/triton/processes.js';
import { writeRepository } from '../../scripts/triton/write-repository.js';
import { describeLive } from './support/triton.js';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'perseus-triton-command-'));
const repository = join(folder, 'repository');
const ANY_PORTS = ['--grpc-port', '0', '--http-port', '0', '--metrics-port', '0'];

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeLive('npm run triton', () => {
  const started: Triton[] = [];

  beforeAll(async () => {
    await writeRepository(repository, [{ kind: 'echo', name: 'echo' }]);
  });

  afterAll(() => {
    for (const { child } of started) child.kill('SIGTERM');
  });

  function triton(...words: string[]): Triton {
    const run = startCommand(words);
    started.push(run);
    return run;
  }

  const serve = (...words: string[]) => triton('start', '--repository', repository, ...ANY_PORTS, ...words);

  it('is there at once where it is set up already', async () => {
    const { code, stdout } = await triton('setup').ended;
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/ready after 0\.\d s/) });
  });

  it('says what is missing where pip reaches no index, and leaves nothing that would be taken for whole', async () => {
    const dir = join(folder, 'offline');
    const offline = { PIP_INDEX_URL: 'http://127.0.0.1:1/simple', PIP_RETRIES: '0', PIP_NO_CACHE_DIR: '1' };
    const { code, stderr } = await startCommand(['setup', '--dir', dir], offline).ended;
    expect(code).toBe(1);
    const problems = stderr.split('\n').filter((line) => line.startsWith('missing: '));
    expect(problems).toEqual([
      expect.stringMatching(/a package index that pip reaches .*; connect to one, or set PIP_INDEX_URL/),
    ]);
    const status = await triton('status', '--dir', dir).ended;
    expect(status.stdout).toContain('not set up: npm run triton -- setup');
  });

  it('tells all mistakes in its options at once', async () => {
    const { code, stderr } = await triton('start', '--grpc-port', '99999', '--repository', '/nowhere').ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(/--grpc-port: is no port.*\n--repository: \/nowhere is no folder/);
  });

  it('stops in order at Ctrl-C', async () => {
    const run = serve();
    const server = await run.server();
    run.child.kill('SIGINT');
    const { code, stderr } = await run.ended;
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('stopping') });
    expect(isRunning(server)).toBe(false);
  });

  it('takes the server with it when it is killed itself', async () => {
    const run = serve();
    const server = await run.server();
    run.child.kill('SIGKILL');
    await run.ended;
    expect(await waitUntil(() => !isRunning(server), 20_000)).toBe(true);
  });

  it('says so when the server is killed', async () => {
    const run = serve();
    process.kill((await run.server()).pid, 'SIGKILL');
    const { code, stderr } = await run.ended;
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Triton has ended; '),
    });
  });

  it('names the model that does not load', async () => {
    const broken = join(folder, 'broken');
    await writeRepository(broken, [{ kind: 'echo', name: 'bad' }]);
    writeFileSync(join(broken, 'bad/1/model.py'), 'raise RuntimeError("on purpose")\n');
    const { code, stderr } = await triton('start', '--repository', broken, ...ANY_PORTS).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /ended before it was ready; .*\.log says:\n {2}model bad does not load: .*on purpose\n/,
    );
  });

  it('goes on in the background with --detach; a second start is told, and stop stops it', async () => {
    // A place of its own for the records, with the installation that is there.
    const dir = join(folder, 'shared');
    mkdirSync(dir);
    for (const name of readdirSync(tritonFolder()).filter((each) => each.startsWith('install-')))
      symlinkSync(join(tritonFolder(), name), join(dir, name));
    const detached = serve('--detach', '--dir', dir);
    const { code, stdout } = await detached.ended;
    expect(code).toBe(0);
    const port = /gRPC +127\.0\.0\.1:(\d+)/.exec(stdout)![1]!;
    const again = await triton('start', '--dir', dir, '--repository', repository, '--grpc-port', port).ended;
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/runs already on 127\.0\.0\.1:\d+ \(process \d+\); npm run triton -- stop/);
    const { process: server } = JSON.parse(readFileSync(join(dir, `run/server-${port}.json`), 'utf8'));
    expect((await triton('stop', '--dir', dir).ended).stderr).toContain('stopped');
    expect(isRunning(server as ProcessId)).toBe(false);
    expect((await triton('status', '--dir', dir).ended).stdout).toContain('no server runs');
  });
});

interface Triton {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
  /** The process of the server, once it is ready. */
  server(): Promise<ProcessId>;
}

function startCommand(words: readonly string[], environment: NodeJS.ProcessEnv = {}): Triton {
  const script = join(ROOT, 'scripts/triton.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...words], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (part: string) => {
      texts[name] += part;
    });
  }
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, ...texts })),
  );
  const server = async () => {
    await waitUntil(() => texts.stderr.includes('Ctrl-C stops it') || child.exitCode !== null, 60_000);
    expect(texts.stderr).toContain('Ctrl-C stops it');
    const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ');
    const found = children.map((pid) => identify(Number(pid))).find((id) => id && isServer(id.pid));
    return found!;
  };
  return { child, ended, server };
}

function isServer(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0]!.endsWith('tritonserver');
}
