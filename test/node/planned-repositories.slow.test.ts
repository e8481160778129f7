import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { measuredTenants } from '../../src/metrics/measured-tenant.js';
import { summarize } from '../../src/metrics/summarize.js';
import { loadPlan } from '../../src/node/plan/plan-files.js';
import { writePlanFolder } from '../../src/node/plan/plan-folder.js';
import { runPlan } from '../../src/node/plan/run-plan.js';
import { initScenario } from '../../src/node/scenario/init/init.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { planReport } from '../../src/report/plan/plan-report.js';
import { simulate } from '../../src/simulator/simulate.js';
import { type Archive, repositoryArchives, unpackArchive } from '../support/archives.js';

const root = mkdtempSync(join(tmpdir(), 'perseus-planned-'));
afterAll(() => rmSync(root, { recursive: true }));

const words = ({ head }: Archive, key: string) => head.get(key)?.split(' ') ?? [];
const archives = repositoryArchives().filter(({ head }) => !head.has('refused'));

/** Writes a plan for the models of an archive. */
async function initPlan(archive: Archive) {
  const folder = join(root, archive.name);
  const repository = join(folder, 'models');
  unpackArchive(archive, repository);
  const file = join(folder, 'plan.yaml');
  const repositories = words(archive, 'repositories').map((name) => join(repository, name));
  const result = await initScenario({
    repositories: repositories.length === 0 ? [repository] : repositories,
    out: file,
    plan: true,
    set: words(archive, 'set'),
  });
  return { ...result, folder, repository };
}

describe('init --plan, plan and simulate of what was planned lead to one another for', () => {
  it.each(archives.map((archive) => [archive.name, archive] as const))('%s', async (_, archive) => {
    const begun = await initPlan(archive).catch((error: unknown) => error);
    if (begun instanceof InputError) {
      expect(begun.message).toContain('there is no model that can be planned');
      return;
    }
    const { folder, file, models } = begun as Awaited<ReturnType<typeof initPlan>>;
    // A plan has all that a scenario has: what calls others, takes sequences or has an engine, too.
    expect([...models].sort()).toEqual(words(archive, 'models').sort());
    const problem = await loadPlan(file);
    const result = await runPlan(problem, {
      budgetRuns: 6,
      compareKinds: archive.name.startsWith('vision/'),
    });
    const report = planReport(problem, result);
    const out = join(folder, 'planned');
    await writePlanFolder(out, { file, problem, result, report });
    if (result.chosen === undefined) {
      expect(result.shortfalls.length).toBeGreaterThan(0);
      return;
    }
    const { scenario } = await loadScenario(join(out, `scenarios/placement-${result.chosen + 1}.yaml`));
    const served = scenario.servers.flatMap((server) => server.models.map(({ config }) => config.name));
    expect([...new Set(served)].sort()).toEqual([...models].sort());
    const summary = summarize({
      scenarioName: scenario.name,
      seed: scenario.seed,
      warmUpUs: scenario.warmUpUs,
      tenants: measuredTenants(scenario.tenants),
      ...simulate(scenario),
    });
    for (const { slo } of summary.tenants) expect(slo?.attainment.value).toBeGreaterThanOrEqual(0.99);
  });
});
