import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { writeFileAtomically } from '../src/node/files/atomic-write.js';
import { loadPlan } from '../src/node/plan/plan-files.js';
import { emitPlanned } from '../src/node/plan/plan-folder.js';
import { runPlan } from '../src/node/plan/run-plan.js';
import { loadScenario } from '../src/node/scenario/scenario-files.js';
import { planReport } from '../src/report/plan/plan-report.js';
import { planToText } from '../src/report/plan/plan-text.js';
import { hostParts } from './hosts/host-part.js';
import { measureHost } from './hosts/measure-host.js';
import { hostsMarkdown, type MeasuredTenant, pointsOf } from './hosts/results.js';
import { calibrationFolder, LIVE_SETS } from './live/live-set.js';
import { reproduction } from './support/reproduction.js';
import { countOf } from './support/script-options.js';
import { TritonFailure } from './triton/failure.js';
import { requireInstallation } from './triton/installation.js';
import { preparePerfAnalyzer } from './triton/perf-analyzer.js';
import { writeRepository } from './triton/write-repository.js';

const WORK = '.tmp/reproduce-hosts';
/** Simulations of the search. */
const BUDGET_RUNS = 300;

/**
 * Plans with these profiles in place of the plan's, and emits the answer as `perseus plan --emit --models` does; `text` is what
 * `perseus plan` prints.
 * @param models repository with a version folder for each model
 */
async function planHosts(plan: string, profiles: string, models: string) {
  const document = parseDocument(await readFile(plan, 'utf8'));
  document.set('profiles', [resolve(profiles)]);
  const file = join(WORK, 'plan.yaml');
  await writeFileAtomically(file, String(document));
  const problem = await loadPlan(file, { models });
  const result = await runPlan(problem, { budgetRuns: BUDGET_RUNS });
  const report = planReport(problem, result);
  const text = planToText(report);
  if (result.chosen === undefined) throw new TritonFailure(`no placement meets every SLO\n${text}`);
  const emitted = join(WORK, 'emitted');
  await emitPlanned({ file, problem, result, report }, { out: emitted, models });
  const placement = await loadScenario(join(emitted, 'scenario.yaml'));
  return { report, text, placement, emitted };
}

await reproduction({
  name: 'hosts',
  about: `Plans hosts for the tenants of a plan with profiles calibrated on this machine, loads what it emits into a real Triton, host
after host, and puts what NVIDIA's perf_analyzer then measures beside what was planned. About 5 minutes on a quiet machine.`,
  data: {
    from: 'examples/plans/hosts.yaml',
    takes: 'FILE',
    help: 'a plan whose models are those of the sample',
  },
  results: 'results/hosts',
  fitsNothing: 'the calibration that predicts sees none of these loads',
  options: {
    profiles: {
      takes: 'FOLDER',
      default: calibrationFolder(LIVE_SETS.sample.kept),
      help: 'a calibration of them, as npm run reproduce:live makes it',
    },
    repeats: { takes: 'N', default: '3', help: 'runs of each host' },
    fresh: {
      help: `measure again; otherwise what was kept under ${WORK} counts where the plan is the same`,
    },
  },
  run: async ({ data: plan, profiles, fresh, ...given }, onProgress) => {
    const installation = requireInstallation();
    const repeats = countOf('repeats', given.repeats);
    if (!existsSync(profiles)) throw new TritonFailure(`no ${profiles}: run npm run reproduce:live first`);
    if (fresh) await rm(WORK, { recursive: true, force: true });
    await mkdir(WORK, { recursive: true });
    const models = join(WORK, 'models');
    await writeRepository(models, LIVE_SETS.sample.calibrated, installation);
    const planned = await planHosts(plan, profiles, models);
    const analyzer = await preparePerfAnalyzer(installation, onProgress);
    const stand = { installation, analyzer, repeats, work: WORK, progress: onProgress };
    const tenants: MeasuredTenant[] = [];
    for (const part of hostParts(planned.placement))
      tenants.push(...(await measureHost(part, join(planned.emitted, part.repository!), stand)));
    return { tenants, page: hostsMarkdown(plan, planned.report, tenants, planned.text) };
  },
  files: ({ page }) => new Map([['README.md', page]]),
  json: ({ tenants }) => ({ points: pointsOf(tenants) }),
  report: ({ page }) => page,
});
