import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { tuneCommand } from '../../src/cli/commands/tune.js';
import { connectTriton } from '../../src/live/triton/connect.js';
import { restoreNoted } from '../../src/node/calibrate/change-note.js';
import { runCommand } from '../cli/in-process.js';
import { PERSEUS, scenarioText, smallScenario } from '../cli/small-scenario.js';
import {
  type MemoryModel,
  type MemoryTriton,
  type MemoryTritonOptions,
  startMemoryTriton,
} from '../support/memory-triton.js';

const { write } = smallScenario();
const file = write('short.yaml', scenarioText({ durationS: 1 }));
const note = `${file}.changed-models.jsonl`;
const FEW = ['--instances', '3', '--max-batch', '4', '--delay', '0', '--preferred', 'max', '--runs', '1'];

const ends: (() => unknown)[] = [];
afterEach(async () => {
  process.exitCode = undefined;
  rmSync(note, { recursive: true, force: true });
  for (const end of ends.splice(0).reverse()) await end();
});

async function serve(options: MemoryTritonOptions = {}) {
  const own: MemoryModel = { config: { schedulingChoice: { case: 'dynamicBatching', value: {} } } };
  const triton = await startMemoryTriton({ ...options, models: { cats: own, dogs: own } });
  const client = connectTriton({ url: triton.url });
  ends.push(
    () => triton.stop(),
    () => client.close(),
  );
  const served = async () => [
    (await client.modelConfig('cats')).json,
    (await client.modelConfig('dogs')).json,
  ];
  return { triton, client, served };
}

const words = ({ url }: Pick<MemoryTriton, 'url'>) => [
  ...['tune', file, ...FEW, '--confirm', '1', '--rounds', '1', '--url', url],
];
const tune = (triton: Pick<MemoryTriton, 'url'>) => runCommand(tuneCommand as CommandModule, words(triton));
const loads = ({ calls }: MemoryTriton) =>
  calls.filter(({ method }) => method === 'RepositoryModelLoad').map(({ model }) => model);

/** Kills a confirmation outright, once both models are loaded under other settings. */
async function killedWhileMeasuring(triton: MemoryTriton): Promise<string> {
  const run = spawn(process.execPath, [...PERSEUS, ...words(triton)]);
  let stderr = '';
  run.stderr.on('data', (text) => {
    stderr += text;
  });
  await expect.poll(() => triton.requests.length, { timeout: 30_000 }).toBeGreaterThan(0);
  run.kill('SIGKILL');
  await once(run, 'exit');
  return stderr;
}

describe('perseus tune --confirm that is killed outright', () => {
  it('leaves a note of how the models were, and the next one gives them back before it looks at them', async () => {
    const { triton, served } = await serve();
    const before = await served();
    const stderr = await killedWhileMeasuring(triton);
    expect(await served()).not.toEqual(before);
    expect(stderr).toContain(note);
    const { code, stderr: next } = await tune(triton);
    expect(code).toBe(0);
    expect(next).toMatch(/cats, dogs: .*given back first/);
    expect(await served()).toEqual(before);
    expect(existsSync(note)).toBe(false);
  }, 60_000);
});

it('a confirmation sends what --fill says, as live does', async () => {
  const holdsZeros = async (...more: string[]) => {
    const { triton } = await serve();
    await runCommand(tuneCommand as CommandModule, [...words(triton), ...more]);
    return triton.requests.every(({ rawInputContents: [first] }) => first!.every((byte) => byte === 0));
  };
  expect([await holdsZeros(), await holdsZeros('--fill', 'random')]).toEqual([true, false]);
});

describe('the note beside a scenario of how the models of a server were', () => {
  const noted = (url: string, ...names: string[]) =>
    writeFileSync(note, names.map((name) => `${JSON.stringify({ url, name, json: { name } })}\n`).join(''));

  it('is gone once the models are given back, and was told on stderr', async () => {
    const { triton, served } = await serve();
    const before = await served();
    const { code, stderr } = await tune(triton);
    expect(code).toBe(0);
    expect(stderr).toContain(`until the models are given back, ${note} says how they were`);
    expect(await served()).toEqual(before);
    expect(existsSync(note)).toBe(false);
  });

  it('costs no model that is as it was a load, where a process was killed before it had done anything', async () => {
    const { triton, client, served } = await serve();
    const [cats] = await served();
    writeFileSync(note, `${JSON.stringify({ url: triton.url, name: 'cats', json: cats })}\n`);
    const given = await restoreNoted({ file: note, by: 'tune' }, [client]);
    expect({ given, loads: loads(triton), isNoted: existsSync(note) }).toEqual({
      given: [],
      loads: [],
      isNoted: false,
    });
  });

  it('of another server is named, with what to do, before a model of this one is touched', async () => {
    const { triton } = await serve();
    noted('gpu1:8001', 'cats');
    const { code, stderr } = await tune(triton);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /changed-models\.jsonl: "cats" of gpu1:8001 is not as it was found there: .*killed/,
    );
    expect(stderr).toMatch(/tune with --url gpu1:8001, which gives it back first, or delete this file/);
    expect(loads(triton)).toEqual([]);
    expect(existsSync(note)).toBe(true);
  });

  it('keeps those that cannot be given back, and lets go of the others', async () => {
    const { triton, client, served } = await serve();
    const [cats] = (await served()) as [object];
    await client.loadModel('cats', { configJson: JSON.stringify({ ...cats, max_batch_size: 3 }) });
    noted(triton.url, 'gone', 'cats', 'lost');
    const tuning = await tune(triton);
    expect(tuning).toMatchObject({ code: 1, stdout: '' });
    expect(tuning.stderr).toMatch(
      /"gone", "lost" are not as they were found, as a live confirmation was killed/,
    );
    expect(tuning.stderr).toContain(`where a model is gone for good, delete its line in ${note}`);
    const names = readFileSync(note, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).name);
    expect(names).toEqual(['gone', 'lost']);
  });

  it('that somebody has changed is named, with what to do', async () => {
    const { triton } = await serve();
    writeFileSync(note, '{}\n');
    const { code, stderr } = await tune(triton);
    expect(code).toBe(2);
    expect(stderr).toMatch(/changed-models\.jsonl: this was not written by tune; make sure/);
  });

  it('is asked for a place before anything is searched', async () => {
    const { triton } = await serve();
    mkdirSync(note);
    const { code, stderr } = await tune(triton);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /--confirm: .*changed-models\.jsonl is a folder; tune a copy of the scenario elsewhere/,
    );
    expect(triton.calls).toEqual([]);
  });

  it('is not left where the server allows no loading', async () => {
    const { triton } = await serve({ allowsModelControl: false });
    const { code } = await tune(triton);
    expect(process.exitCode ?? code).toBe(1);
    expect(existsSync(note)).toBe(false);
  });
});
