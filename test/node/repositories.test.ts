import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { exists } from '../../src/node/files/exists.js';
import { initScenario } from '../../src/node/scenario/init/init.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { explainTenant } from '../../src/report/explain-tenant.js';
import { checkScenario } from '../../src/scenario/check.js';
import { resolveSpec } from '../../src/scenario/resolve-spec.js';
import { parseScenarioSpec } from '../../src/scenario/spec.js';
import { simulate } from '../../src/simulator/simulate.js';
import { type Archive, repositoryArchives, unpackArchive } from '../support/archives.js';

const root = mkdtempSync(join(tmpdir(), 'perseus-repositories-'));
afterAll(() => rmSync(root, { recursive: true }));

const archives = repositoryArchives();
const words = (archive: Archive, key: string) => archive.head.get(key)?.split(' ') ?? [];
const refused = archives.filter(({ head }) => head.has('refused'));
const taken = archives.filter(({ head }) => !head.has('refused'));
const named = (list: readonly Archive[]) => list.map((archive) => [archive.name, archive] as const);

function initArchive(archive: Archive) {
  const folder = join(root, archive.name);
  const repository = join(folder, 'models');
  unpackArchive(archive, repository);
  const out = join(folder, 'scenario.yaml');
  const repositories = words(archive, 'repositories').map((name) => join(repository, name));
  return {
    out,
    result: initScenario({
      repositories: repositories.length === 0 ? [repository] : repositories,
      out,
      set: words(archive, 'set'),
    }),
  };
}

it('the corpus has at least forty repositories', () => {
  expect(archives.length).toBeGreaterThanOrEqual(40);
});

describe('init makes a scenario that simulates and can be explained of', () => {
  it.each(named(taken))('%s', async (_, archive) => {
    const { out, result } = initArchive(archive);
    const { models, leftOut, openPoints } = await result;
    expect(models).toEqual(words(archive, 'models'));
    expect(leftOut.map(({ model }) => model)).toEqual(words(archive, 'left out'));
    const text = readFileSync(out, 'utf8');
    for (const { what, supply } of openPoints) expect(text).toContain(`#   ${what}\n#     ${supply}\n`);
    const [engine, ...limits] = words(archive, 'engine');
    // What comes after the answer of a language model comes seconds later.
    const durationS = engine === undefined ? 1 : 10;
    const { scenario, spec, resources } = await loadScenario(out, { durationS, warmUpS: 0 });
    const resolved = parseScenarioSpec(JSON.stringify(resolveSpec(spec, scenario)));
    expect(resolved.problems).toEqual([]);
    expect(checkScenario(resolved, resources).scenario).toEqual(scenario);
    const [first] = scenario.tenants;
    expect(explainTenant(scenario, first!.name).summary.counts.offered).toBeGreaterThan(0);
    if (engine !== undefined) expect(text).toContain(`engine: ${limits.join(' ')}   #`);
    const [caller, ...called] = words(archive, 'calls');
    if (caller !== undefined) expect(callsIn(text, caller)).toEqual(called);
    const together = archive.head.get('at once')?.replaceAll(' ', '}, {call: ');
    if (together !== undefined) expect(text).toContain(`- {parallel: [{call: ${together}}]}`);
    expect(spec.servers[0]!.models.map(({ name }) => name)).toEqual(models);
    const { log, executions } = simulate(scenario);
    const ensembles = scenario.servers[0]!.models.flatMap((model) =>
      model.ensemble === undefined ? [] : model.config.name,
    );
    expect(log.plannedUs.length).toBeGreaterThan(0);
    const idle = executions.filter(({ byBatchSize }) => !byBatchSize.some((count) => count > 0));
    expect(idle.map(({ model }) => model)).toEqual(ensembles);
  });
});

/** Models that the scenario has a model call, as it writes them. */
function callsIn(text: string, model: string): readonly string[] {
  const [, block = ''] =
    new RegExp(`- name: ${model}\\n[\\s\\S]*?calls:.*\\n((?: {10}.*\\n)*)`).exec(text) ?? [];
  return [...block.replace(/#.*/g, '').matchAll(/\{call: ([\w-]+)\}/g)].map(([, name]) => name!);
}

describe('init refuses at once, with every reason, and writes nothing for', () => {
  it.each(named(refused))('%s', async (_, archive) => {
    const { out, result } = initArchive(archive);
    const error = await result.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toMatch(new RegExp(archive.head.get('refused')!));
    expect(await exists(out)).toBe(false);
  });
});
