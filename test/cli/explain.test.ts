import { describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { explainCommand } from '../../src/cli/commands/explain.js';
import { runCommand } from './in-process.js';
import { scenarioText, smallScenario } from './small-scenario.js';

const { file, write } = smallScenario();
const explain = (...words: string[]) => runCommand(explainCommand as CommandModule, ['explain', ...words]);

describe('perseus explain', () => {
  it('says where the slow requests of one tenant lose their time, and blames the tenant beside it', async () => {
    const { code, stdout } = await explain(file, '--tenant', 'cats-people');
    expect(code).toBe(0);
    expect(stdout).toContain('cats-people');
    expect(stdout).not.toContain('dogs-people:');
    expect(stdout).toMatch(/queue/);
    expect(stdout).toMatch(/co-runners.*\s.*without them, p99 would be/);
  });

  it('gives the same as JSON, with the causes that were confirmed first', async () => {
    const [once, twice] = [await explain(file, '--json'), await explain(file, '--json')];
    expect(twice.stdout).toBe(once.stdout);
    const [{ explanation: first }] = JSON.parse(once.stdout).tenants;
    const codes: string[] = first.causes.map(({ code }: { code: string }) => code);
    expect(codes).toContain('co-runners');
    const confirmed: boolean[] = first.causes.map((cause: { confirmed: boolean }) => cause.confirmed);
    expect(confirmed).toEqual([...confirmed].sort((a, b) => Number(b) - Number(a)));
  });

  it('tells of all tenants when each meets its SLO, else of those that do not', async () => {
    const calm = write('calm.yaml', scenarioText({ ratePerS: 2 }));
    const all = await explain(calm);
    for (const tenant of ['cats-people', 'dogs-people']) expect(all.stdout).toContain(tenant);
    const uneven = write('uneven.yaml', scenarioText({ servers: 2 }).replace('limitMs: 12', 'limitMs: 4.6'));
    const missing = await explain(uneven);
    expect(missing.stdout).toContain('cats-people');
    expect(missing.stdout).not.toContain('dogs-people');
  });

  it('of a tenant without a request that counts says so, and no figure', async () => {
    write('early.csv', 'arrival_us,tenant\n0,early\n');
    const early = scenarioText().replace(/\{process.*\}/, '{trace: {file: early.csv}}');
    const { code, stdout } = await explain(write('early.yaml', early), '--tenant', 'cats-people');
    expect(code).toBe(0);
    expect(stdout).toBe(
      'cats-people: no request of it was planned between the warm-up and the end of the run.\n',
    );
  });

  it('of a tenant of whom no request was completed says so, and no latency', async () => {
    const late = scenarioText().replaceAll(
      /config: \{max_batch_size: 8, dynamic_batching: \{\}/g,
      'config: {max_batch_size: 8, dynamic_batching: {default_queue_policy: {timeout_action: REJECT, default_timeout_microseconds: 1}, max_queue_delay_microseconds: 100000, preferred_batch_size: [8]}',
    );
    const { code, stdout } = await explain(write('late.yaml', late), '--tenant', 'cats-people');
    expect(code).toBe(0);
    expect(stdout).not.toContain('NaN');
    expect(stdout).toMatch(/^cats-people: \w+; SLO p99 within 12 ms is missed \(0 % within the limit\)\.\n/);
    expect(stdout).toContain('None of its requests was completed.');
  });

  it('of a tenant that does not exist names those that do', async () => {
    const { code, stdout, stderr } = await explain(file, '--tenant', 'birds-people');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^--tenant: there is no tenant "birds-people"; write one of cats-people, dogs-people/,
    );
  });
});
