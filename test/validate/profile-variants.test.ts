import { describe, expect, it } from 'vitest';
import type { ModelProfile } from '../../src/profile/profile.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { compareRuns } from '../../src/validate/compare-runs.js';
import { profileVariants } from '../../src/validate/profile-variants.js';
import { isCovered } from '../../src/validate/report.js';
import { validatedScenario } from '../../src/validate/run-figures.js';
import { config, poisson, profile, scenario, server, tenant } from '../support/scenario.js';
import { live, simulated } from './runs.js';

/** The profile with all its times off by a factor, as a calibration with this relative error may have them. */
function off(true_: ModelProfile, factor: number, relativeError: number): ModelProfile {
  const service = true_.service.map((each) => ({ ...each, inferMs: each.inferMs * factor, relativeError }));
  return { ...true_, service };
}

const truth = profile('m', 3, 0.25, { spread: { law: 'lognormal', cv: 0.05 } });

function served(own: ModelProfile, other?: ModelProfile): Scenario {
  const models = [own, ...(other === undefined ? [] : [other])].map((each) => ({
    config: config(each.model, 8, {}),
    profile: each,
    instances: 2,
  }));
  return scenario([server('s', { models })], [tenant('t', 'm', poisson('variants', 200, 800))], 5);
}

const inferMs = ({ servers }: Scenario, model: number) =>
  servers[0]!.models[model]!.instances.map((instance) => instance.profile.service[0]!.inferMs);

describe('variants of a scenario by the errors of its profiles', () => {
  it('move the times of one profile by a standard error, on all its instances, and nothing else', () => {
    const run = served(off(truth, 1, 0.0392), profile('exact', 1, 1));
    const [variant, ...more] = profileVariants(run);
    expect(more).toEqual([]);
    expect(variant!.models).toEqual(['m']);
    expect(inferMs(variant!.up, 0)).toEqual([3.25 * 1.02, 3.25 * 1.02].map((ms) => expect.closeTo(ms, 9)));
    expect(inferMs(variant!.down, 0)).toEqual([3.25 * 0.98, 3.25 * 0.98].map((ms) => expect.closeTo(ms, 9)));
    expect(inferMs(variant!.up, 1)).toEqual(inferMs(run, 1));
    expect({ ...variant!.up, servers: [] }).toEqual({ ...run, servers: [] });
  });

  it('move models together that one host executes, because it is the host that becomes slower', () => {
    const onHost = (name: string, relativeError: number) => ({
      ...off(profile(name, 3, 0.25), 1, relativeError),
      device: 'CPU',
    });
    const [variant, ...more] = profileVariants(served(onHost('m', 0.0392), onHost('other', 0.0784)));
    expect(more).toEqual([]);
    expect(variant!.models).toEqual(['m', 'other']);
    expect(inferMs(variant!.up, 0)[0]).toBeCloseTo(3.25 * 1.02, 9);
    expect(inferMs(variant!.up, 1)[0]).toBeCloseTo(3.25 * 1.04, 9);
    expect(inferMs(variant!.down, 1)[0]).toBeCloseTo(3.25 * 0.96, 9);
    const onGpus = profileVariants(served(off(truth, 1, 0.0392), off(profile('other', 3, 0.25), 1, 0.0784)));
    expect(onGpus.map(({ models }) => models)).toEqual([['m'], ['other']]);
  });

  it('are none where no profile says how well it is known', () => {
    expect(profileVariants(served(truth))).toEqual([]);
  });

  it('are still possible runs where hardly anything is known', () => {
    const [variant] = profileVariants(served(off(truth, 1, 10)));
    for (const ms of inferMs(variant!.down, 0)) expect(ms).toBeGreaterThan(0);
  });

  it('let the intervals hold what a profile is off by, which replications alone do not', () => {
    const described = validatedScenario(served(truth));
    const covered = (withVariants: boolean) =>
      [0.97, 0.98, 0.985, 1.015, 1.02, 1.03].flatMap((factor, i) => {
        const run = served(off(truth, factor, 0.04));
        const seeds = [1, 2, 3, 4, 5].map((seed) => 10 * i + seed);
        const [first] = seeds as [number];
        const variants = profileVariants(run).map(({ up, down }) => ({
          up: simulated(up, [first])[0]!,
          down: simulated(down, [first])[0]!,
        }));
        const { figures } = compareRuns({
          scenarioName: 's',
          tenants: described.tenants,
          measured: live(served(truth), [1000 + i]),
          predicted: simulated(run, seeds),
          ...(withVariants && { profileVariants: variants }),
        });
        return figures.filter(({ metric }) => /^(mean|p50|infer)Ms$/.test(metric.name)).map(isCovered);
      });
    const share = (inside: readonly (boolean | undefined)[]) => inside.filter(Boolean).length / inside.length;
    expect(share(covered(true))).toBeGreaterThanOrEqual(0.9);
    expect(share(covered(false))).toBeLessThan(0.6);
  });
});
