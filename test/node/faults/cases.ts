import type { Fingerprint } from '../../../src/calibrate/fingerprint.js';
import type { Observation } from '../../../src/calibrate/observation.js';
import { forgetChanged, openCalibrationFolder } from '../../../src/node/calibrate/calibration-folder.js';
import { requireResultFolder } from '../../../src/node/output/result-folder.js';
import { loadPlan } from '../../../src/node/plan/plan-files.js';
import { writePlanFolder } from '../../../src/node/plan/plan-folder.js';
import { runPlan } from '../../../src/node/plan/run-plan.js';
import { writeRunFolder } from '../../../src/node/runs/run-folder.js';
import { runScenario } from '../../../src/node/runs/run-scenario.js';
import { inlineRunner } from '../../../src/node/sweep/inline-runner.js';
import { prepareSweep } from '../../../src/node/sweep/prepare-sweep.js';
import { runSweep } from '../../../src/node/sweep/run-sweep.js';
import { planReport } from '../../../src/report/plan/plan-report.js';
import type { SmallScenario } from '../../cli/small-scenario.js';

/** What a command does with files, without what it computes before: that is the same each time. */
export interface FaultCase {
  readonly name: string;
  readonly run: (out: string) => Promise<unknown>;
  /** Leaves another result, which `run` replaces. */
  readonly runOlder?: (out: string) => Promise<unknown>;
  /** Whether results land one by one, and are taken up again. */
  readonly isResumed?: boolean;
  /** A file that is there only while work goes on. */
  readonly note?: string;
  /** Whether a point that is not whole is made again. */
  readonly survivesTearing?: boolean;
}

export const CASES = [
  { name: 'the folder of a simulation', prepare: prepareRun, replaces: true },
  { name: 'the folder of a plan', prepare: preparePlan, replaces: true },
  { name: 'the folder of a sweep', prepare: prepareSweepRun, replaces: false },
  { name: 'the points of a calibration', prepare: prepareCalibration, replaces: false },
] as const satisfies readonly {
  name: string;
  prepare: (small: SmallScenario) => Promise<FaultCase>;
  replaces: boolean;
}[];

async function prepareRun({ file }: SmallScenario): Promise<FaultCase> {
  const simulated = (seed: number) => runScenario(file, { log: true, overrides: { durationS: 1, seed } });
  const [run, older] = [await simulated(1), await simulated(2)];
  const write = (out: string, what: typeof run) =>
    requireResultFolder('--out', out, 'simulate').then(() => writeRunFolder(out, what));
  return { name: 'simulate', run: (out) => write(out, run), runOlder: (out) => write(out, older) };
}

async function preparePlan({ write }: SmallScenario): Promise<FaultCase> {
  const planned = async (name: string) => {
    const tenant = (model: string) =>
      `  - {name: ${model}, model: ${model}, load: {process: {kind: poisson, ratePerS: 20}}, slo: {percentile: 99, limitMs: 90}}`;
    const file = write(
      `${name}.yaml`,
      `plan: 1
name: ${name}
durationS: 1
profiles: [profiles]
machines:
  - {name: box, gpu: Test GPU, memoryMb: 16000, machine: {kind: box, usdPerHour: 1.5}, limit: 2, sharing: [exclusive]}
batching: {maxBatchSizes: [8]}
tenants:
${tenant('cats')}
${tenant('dogs')}
`,
    );
    const problem = await loadPlan(file, {});
    const result = await runPlan(problem, { budgetRuns: 5 });
    return { file, problem, result, report: planReport(problem, result) };
  };
  const [plan, older] = [await planned('pets'), await planned('old-pets')];
  const writePlan = (out: string, what: typeof plan) =>
    requireResultFolder('--out', out, 'plan').then(() => writePlanFolder(out, what));
  return { name: 'plan', run: (out) => writePlan(out, plan), runOlder: (out) => writePlan(out, older) };
}

const SWEEP = `perseus: 1
name: small
scenario: small.yaml
set: {durationS: 1}
axes:
  - {name: batch, vary: maxBatchSize, values: [2, 8]}
  - {name: sharing, vary: sharing, values: [streams, exclusive]}
`;

async function prepareSweepRun({ write }: SmallScenario): Promise<FaultCase> {
  const sweep = await prepareSweep(write('sweep.yaml', SWEEP));
  const run = (out: string) => runSweep(sweep, { out, runner: inlineRunner(sweep.library) });
  return { name: 'sweep', run, isResumed: true, survivesTearing: true };
}

const MODELS = ['cats', 'dogs'];

/** Measures one point after the other, those that are there not again; some with another configuration meanwhile. */
async function prepareCalibration(): Promise<FaultCase> {
  const fingerprint: Fingerprint = {
    server: 'triton',
    serverVersion: '2',
    client: 'here',
    models: Object.fromEntries(MODELS.map((model) => [model, 'as it was'])),
  };
  const observations = MODELS.flatMap((model) =>
    Array.from({ length: 4 }, (_, i) => ({
      experiment: { kind: 'sequential', id: `${model}/sequential-${i}`, model, batchSize: 2 ** i },
      measuredAt: `2026-01-0${i + 1}T00:00:00.000Z`,
      statistics: [],
    })),
  ) as unknown as Observation[];
  const run = async (out: string) => {
    await forgetChanged(out);
    const store = await openCalibrationFolder(out, fingerprint, { url: 'here:8001' });
    const kept = new Set((await store.read()).map(({ experiment }) => experiment.id));
    for (const observation of observations) {
      if (kept.has(observation.experiment.id)) continue;
      await store.noteChanged({ name: 'cats', json: {} });
      await store.save(observation);
      await store.noteChanged();
    }
  };
  return { name: 'calibrate', run, isResumed: true, note: 'changed-models.json' };
}
