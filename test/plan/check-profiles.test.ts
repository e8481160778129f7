import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { checkPlan } from '../../src/plan/input/check.js';
import { parsePlanSpec } from '../../src/plan/spec.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import type { ScenarioResources } from '../../src/scenario/resources.js';
import { linearProfile } from './support/small-plans.js';

const profile = (model: string, device: string) => linearProfile(model, device, { fixedMs: 1, perItemMs: 1 });

interface Asked {
  readonly models: readonly string[];
  readonly gpus: readonly string[];
  readonly profiles: readonly ModelProfile[];
  /** Another profile file, which could not be read. */
  readonly isBroken?: boolean;
}

/** What is wrong with a plan for these models on machines with these GPUs. */
function problemsOf({ models, gpus, profiles, isBroken = false }: Asked): readonly string[] {
  const document = parsePlanSpec(
    JSON.stringify({
      plan: 1,
      name: 'small',
      durationS: 6,
      goal: 'gpus',
      profiles: ['profiles', ...(isBroken ? ['broken'] : [])],
      machines: gpus.map((gpu, i) => ({ name: `m${i}`, gpu, memoryMb: 1000 })),
      tenants: models.map((model, i) => ({
        name: `t${i}`,
        model,
        load: { process: { kind: 'poisson', ratePerS: 10 } },
      })),
    }),
  );
  const resources: ScenarioResources = {
    profiles: new Map([
      ['profiles', { value: profiles.map((one, i) => ({ file: `${i}.profile.json`, profile: one })) }],
      ['broken', { problems: [{ what: 'there is no such file' }] }],
    ]),
    configs: new Map(),
    traces: new Map(),
  };
  try {
    checkPlan(document, resources);
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.problems.map(({ path, what, remedy }) => `${path}: ${what}; ${remedy}`);
  }
}

describe('the profiles of a plan', () => {
  it('do for machines of which each serves some model, and models of which each has one for some machine', () => {
    const profiles = [profile('a', 'x'), profile('b', 'y')];
    expect(problemsOf({ models: ['a', 'b'], gpus: ['x', 'y'], profiles })).toEqual([]);
  });

  it('name the model that was meant, and no machine, where a model has none of them', () => {
    expect(problemsOf({ models: ['bird'], gpus: ['x'], profiles: [profile('birds', 'x')] })).toEqual([
      'tenants[0].model: there is no profile of "bird" for any of the devices; did you mean "birds"?',
    ]);
  });

  it('are named where none is near', () => {
    const [problem] = problemsOf({ models: ['bird'], gpus: ['x'], profiles: [profile('resnet', 'x')] });
    expect(problem).toContain('; name its file under profiles; of models there is "resnet"');
  });

  it('name the machine whose GPU none of them is for, and the model that is left without one', () => {
    const profiles = [profile('a', 'x'), profile('b', 'y')];
    expect(problemsOf({ models: ['a', 'b'], gpus: ['x', 'z'], profiles })).toEqual([
      'tenants[1].model: there is no profile of "b" for any of the devices; there are profiles of it for y',
      'machines[1].gpu: no profile says how any of the models does on z; profiles are for x, y',
    ]);
  });

  it('may be in the file that could not be read: that alone is told', () => {
    expect(problemsOf({ models: ['a'], gpus: ['x'], profiles: [], isBroken: true })).toEqual([
      'profiles[1]: there is no such file; undefined',
    ]);
  });

  it('are not two of one model on one kind of device: scenarios made of the plan could not be simulated', () => {
    const profiles = [profile('a', 'x'), profile('a', 'x'), profile('b', 'x'), profile('b', 'y')];
    expect(problemsOf({ models: ['a', 'b'], gpus: ['x', 'y'], profiles })).toEqual([
      'tenants[0].model: there are 2 profiles of "a" for "x": 0.profile.json, 1.profile.json; keep one',
    ]);
  });
});
