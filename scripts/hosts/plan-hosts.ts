import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { writeFileAtomically } from '../../src/node/files/atomic-write.js';
import { loadPlan } from '../../src/node/plan/plan-files.js';
import { emitPlanned } from '../../src/node/plan/plan-folder.js';
import { runPlan } from '../../src/node/plan/run-plan.js';
import { type LoadedScenario, loadScenario } from '../../src/node/scenario/scenario-files.js';
import { type PlanReport, planReport } from '../../src/report/plan/plan-report.js';
import { planToText } from '../../src/report/plan/plan-text.js';
import { TritonFailure } from '../triton/failure.js';

export interface HostPlanOptions {
  /** Plan file; its profiles are replaced. */
  readonly plan: string;
  readonly profiles: string;
  /** Repository with a version folder for each model. */
  readonly models: string;
  readonly work: string;
  /** Simulations of the search. */
  readonly budgetRuns: number;
}

export interface PlannedHosts {
  readonly report: PlanReport;
  /** What `perseus plan` prints. */
  readonly text: string;
  /** The placement as it is read back from the emitted folder. */
  readonly placement: LoadedScenario;
  readonly emitted: string;
}

/** Plans with these profiles and emits the answer as `perseus plan --emit --models` does. */
export async function planHosts({
  plan,
  profiles,
  models,
  work,
  budgetRuns,
}: HostPlanOptions): Promise<PlannedHosts> {
  const document = parseDocument(await readFile(plan, 'utf8'));
  document.set('profiles', [resolve(profiles)]);
  const file = join(work, 'plan.yaml');
  await writeFileAtomically(file, String(document));
  const problem = await loadPlan(file, { models });
  const result = await runPlan(problem, { budgetRuns });
  const report = planReport(problem, result);
  const text = planToText(report);
  if (result.chosen === undefined) throw new TritonFailure(`no placement meets every SLO\n${text}`);
  const emitted = join(work, 'emitted');
  await emitPlanned({ file, problem, result, report }, { out: emitted, models });
  const placement = await loadScenario(join(emitted, 'scenario.yaml'));
  return { report, text, placement, emitted };
}
