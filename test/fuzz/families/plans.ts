import { parse } from 'yaml';
import { loadSolver } from '../../../src/node/plan/highs.js';
import { loadPlan } from '../../../src/node/plan/plan-files.js';
import { solveByNodes } from '../../../src/node/plan/run-plan.js';
import { plan } from '../../../src/plan/plan.js';
import type { PlanProblem } from '../../../src/plan/problem-setting.js';
import { JobRunner } from '../../../src/plan/search/jobs.js';
import { type PlanSpec, parsePlanSpec } from '../../../src/plan/spec.js';
import type { ScenarioSpec } from '../../../src/scenario/spec.js';
import { readAsFile } from '../as-file.js';
import { chance, pick, type Random } from '../choose.js';
import { demand, type Family, INPUT_FILE, textFamily } from '../family.js';
import { mistakenText } from '../mutate-text.js';
import { mutateValue, toJson, toYaml } from '../mutate-value.js';
import { shippedTexts } from '../samples.js';
import { withAbsolutePaths } from '../shared-scenario.js';
import { isCheap } from '../shorten.js';

/** Plan files, checked with all that they name; small ones are searched as well. */
export function planFamilies(): readonly Family[] {
  const samples = [SMALL_PLAN, ...shippedTexts('examples/plans', '.yaml')].map(withAbsolutePaths);
  const values = samples.map((text) => parse(text) as Record<string, unknown>);
  const generate = (random: Random) => {
    const sample = chance(random, 0.7) ? 0 : random.nextInt(samples.length);
    if (chance(random, 0.2)) return mistakenText(random, { samples: [samples[sample]!], words: WORDS });
    const value = mutateValue(random, { ...values[sample], durationS: pick(random, [0.2, 0.5]) });
    return chance(random, 0.5) ? toYaml(value) : toJson(value, 2);
  };
  return [textFamily({ name: 'plan', mostMs: 10_000, generate, read: readPlan })];
}

const SMALL_PLAN = `plan: 1
name: small
durationS: 0.2
profiles: [../calibration/t4/resnet50*, ../calibration/t4/bert-dist4l*]
machines:
  - name: t4
    gpu: Tesla T4
    machine: {kind: g4dn.xlarge, usdPerHour: 0.5}
    sharing: [exclusive, streams]
    limit: 2
batching: {maxBatchSizes: [1, 8]}
tenants:
  - {name: photos, model: resnet50-onnx-trt-fp16, load: {process: {kind: poisson, ratePerS: 100}}, slo: {percentile: 99, limitMs: 60}}
  - {name: words, model: bert-dist4l-trt-fp16, load: {process: {kind: poisson, ratePerS: 50}}, slo: {percentile: 95, limitMs: 40}}
`;

const WORDS: readonly string[] = [
  ...['- ', ': ', '\n', '  ', 'sharing: [mig]', 'limit: 0', 'current: x.yaml', 'days: []', 'Tesla P4'],
  ...['batching: {maxBatchSizes: []}', 'load: {closedLoop: {concurrency: 2}}', 'slo: {}', 'gpus: 2'],
];

async function readPlan(text: string): Promise<void> {
  const { spec } = parsePlanSpec(text, { file: INPUT_FILE });
  if (spec !== undefined && !isAffordable(spec)) return;
  const problem = await readAsFile(text, 'input.yaml', (path) => loadPlan(path));
  if (problem.workloads.length <= 2 && problem.machines.length <= 2) await search(problem);
}

/** Whether its loads are drawn in no time, as far as that shows before they are. */
function isAffordable(spec: PlanSpec): boolean {
  const asScenario = { ...spec, servers: [] } as unknown as ScenarioSpec;
  return (spec.durationS ?? 0) <= 5 && isCheap(asScenario, NO_FILES);
}

const NO_FILES = { profiles: new Map(), configs: new Map(), traces: new Map() };

const SIMULATIONS = 4;

/** As the command does, but in this thread. */
async function search(problem: PlanProblem): Promise<void> {
  const limits = { remainingS: () => 3600, mostSimulations: SIMULATIONS };
  const runner = new JobRunner(problem);
  const steps = plan(problem, { solve: solveByNodes(await loadSolver()), ...limits });
  let step = steps.next();
  while (step.done !== true) step = steps.next(step.value.map((job) => runner.run(job, limits)));
  demand(step.value !== undefined, 'the search ends without a result');
}
