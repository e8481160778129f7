import { readProfiles } from '../../src/node/scenario/profile-files.js';
import { checkPlan } from '../../src/plan/input/check.js';
import type { Placement, Slot } from '../../src/plan/placement.js';
import type { PlanProblem } from '../../src/plan/problem-setting.js';
import { FeasibilityCheck } from '../../src/plan/search/feasibility-check.js';
import { JobDispatcher } from '../../src/plan/search/job-dispatcher.js';
import { driveInline, JobRunner } from '../../src/plan/search/jobs.js';
import { planSpecSchema } from '../../src/plan/spec.js';
import type { SweepBench } from './case.js';
import { itemsPerS, placementCount, REQUESTS, rateCase } from './rate.js';
import { fleetOf, MEASURED, T4, walk } from './workload.js';

/** As the models of the fleet are configured. */
const OPTION = { maxBatchSize: 16, queueDelayMs: 1, instances: 1 };
const ENDLESS = { remainingS: () => Infinity };

/**
 * Placements per second in this thread as the search of `plan` judges them before it shows one: who meets the SLOs over
 * the whole run, device by device, and no other figures.
 */
export const judgedRate: SweepBench = async ({ quick, say }) => {
  const problem = await planOf(REQUESTS);
  const placements = walk(placementCount(quick)).map((models) => placementOf(problem, models));
  const report = (what: string, isRemembered: boolean) => {
    const rate = rateOf(problem, placements, isRemembered);
    say(`${what}: ${rate.toFixed(0)} /s`);
    return rateCase(what, rate);
  };
  return [
    report('the same placements, as a plan judges them', true),
    report('the same, every device simulated anew', false),
  ];
};

async function planOf(requests: number): Promise<PlanProblem> {
  const { names, tenants, durationS } = fleetOf(requests);
  const files = await readProfiles([T4]);
  const { profile: measured } = files.find(({ profile }) => profile.model === MEASURED)!;
  const spec = planSpecSchema.parse({
    plan: 1,
    name: 'fleet',
    durationS,
    profiles: ['profiles'],
    machines: [
      {
        name: 't4',
        gpu: measured.device,
        memoryMb: 16_000,
        machine: { kind: 'T4', usdPerHour: 0.526 },
        sharing: ['streams'],
      },
    ],
    batching: {
      maxBatchSizes: [OPTION.maxBatchSize],
      queueDelaysMs: [OPTION.queueDelayMs],
      instances: [OPTION.instances],
    },
    tenants,
  });
  const profiles = names.map((model) => ({ file: model, profile: { ...measured, model } }));
  return checkPlan(
    { spec, problems: [], positionOf: () => ({}) },
    { profiles: new Map([['profiles', { value: profiles }]]), configs: new Map(), traces: new Map() },
  );
}

function placementOf({ slotKinds }: PlanProblem, models: readonly (readonly number[])[]): Placement {
  const kind = slotKinds.findIndex(({ mostModels }) => mostModels > 1);
  const slots = models
    .filter((own) => own.length > 0)
    .map(
      (own): Slot => ({
        kind,
        modelReplicas: own.map((workload) => ({ workload, replicas: 1, option: OPTION })),
      }),
    );
  return { machines: slots.map((slot) => ({ kind: 0, gpus: [[slot]] })) };
}

function rateOf(problem: PlanProblem, placements: readonly Placement[], isRemembered: boolean): number {
  const runner = new JobRunner(problem);
  const dispatcher = new JobDispatcher(problem, { ...ENDLESS, solve: neverAsked });
  let checks = new FeasibilityCheck(dispatcher);
  return itemsPerS(placements, (placement) => {
    if (!isRemembered) checks = new FeasibilityCheck(dispatcher);
    driveInline(checks.failing(placement), runner, ENDLESS);
  });
}

function neverAsked(): never {
  throw new Error('judging a placement solves no program');
}
