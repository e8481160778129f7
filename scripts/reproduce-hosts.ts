import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { COUNT, requireNumbers } from '../src/cli/number-options.js';
import { writeFileAtomically } from '../src/node/files/atomic-write.js';
import { hostParts } from './hosts/host-part.js';
import { measureHost } from './hosts/measure-host.js';
import { planHosts } from './hosts/plan-hosts.js';
import { hostsMarkdown, type MeasuredTenant, pointsOf } from './hosts/results.js';
import { calibrationFolder } from './live/calibrate-set.js';
import { LIVE_SETS } from './live/live-set.js';
import { runScript, say } from './support/run-script.js';
import { scriptOptions } from './support/script-options.js';
import { TritonFailure } from './triton/failure.js';
import { requireInstallation } from './triton/installation.js';
import { preparePerfAnalyzer } from './triton/perf-analyzer.js';
import { writeRepository } from './triton/write-repository.js';

const WORK = '.tmp/reproduce-hosts';
const RESULTS = 'results/hosts/README.md';
const BUDGET_RUNS = 300;

const USAGE = `usage: npm run reproduce:hosts -- [--plan FILE] [--profiles FOLDER] [--repeats N] [--fresh] [--json FILE]
  Plans hosts for the tenants of a plan with profiles calibrated on this machine, loads what it emits into a real Triton, host
  after host, and puts what NVIDIA's perf_analyzer then measures beside what was planned.
  --plan FILE        whose models are those of the sample (examples/plans/hosts.yaml)
  --profiles FOLDER  a calibration of them (what npm run reproduce:live has calibrated)
  --repeats N        runs of each host (3)
  --fresh            measure again; otherwise what was kept under ${WORK} counts where the plan is the same
  --json FILE        also write the figures
About 5 minutes on a quiet machine.
`;

async function main(): Promise<void> {
  const values = scriptOptions(USAGE, {
    plan: { type: 'string', default: 'examples/plans/hosts.yaml' },
    profiles: { type: 'string', default: calibrationFolder(LIVE_SETS.sample) },
    repeats: { type: 'string', default: '3' },
    fresh: { type: 'boolean', default: false },
    json: { type: 'string' },
  });
  const installation = requireInstallation();
  const repeats = Number(values.repeats);
  requireNumbers({ repeats: [repeats, COUNT] });
  const { plan, profiles } = values;
  if (!existsSync(profiles)) throw new TritonFailure(`no ${profiles}: run npm run reproduce:live first`);
  if (values.fresh) await rm(WORK, { recursive: true, force: true });
  await mkdir(WORK, { recursive: true });
  const models = join(WORK, 'models');
  await writeRepository(models, LIVE_SETS.sample.calibrated, installation);
  const { placement, report, text, emitted } = await planHosts({
    plan,
    profiles,
    models,
    work: WORK,
    budgetRuns: BUDGET_RUNS,
  });
  const analyzer = await preparePerfAnalyzer(installation, say);
  const stand = { installation, analyzer, repeats, work: WORK, progress: say };
  const tenants: MeasuredTenant[] = [];
  for (const part of hostParts(placement))
    tenants.push(...(await measureHost(part, join(emitted, part.repository!), stand)));
  const page = hostsMarkdown(plan, report, tenants, text);
  await writeFileAtomically(RESULTS, page);
  if (values.json !== undefined)
    await writeFileAtomically(
      values.json,
      `${JSON.stringify({ points: pointsOf(tenants) }, undefined, 1)}\n`,
    );
  process.stdout.write(page);
}

await runScript(main);
