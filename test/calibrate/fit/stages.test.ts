import { describe, expect, it } from 'vitest';
import { designExperiments } from '../../../src/calibrate/design.js';
import { DEFAULT_DESIGN, isOpen } from '../../../src/calibrate/experiment.js';
import type { FitFacts } from '../../../src/calibrate/fit/facts.js';
import { runSteps, type Stage, type Step } from '../../../src/calibrate/fit/stage.js';
import { FIT_STEPS } from '../../../src/calibrate/fit/stages.js';
import { profile } from '../../support/scenario.js';
import { knownModel } from './known-models.js';
import { SERVING, simulatedObservation } from './simulated-observations.js';

/** The stage, which fails where it reads what nobody gave. */
function strict(stage: Stage<FitFacts>): Stage<FitFacts> {
  const get = (facts: FitFacts, key: string | symbol) => {
    if (!(key in facts))
      throw new Error(`"${stage.name}" reads ${String(key)}, which no stage before it gives`);
    return Reflect.get(facts, key) as unknown;
  };
  return { ...stage, run: (facts) => stage.run(new Proxy(facts, { get })) };
}

it('the stages of a fit read only what is given or what a stage before gives', () => {
  const known = { models: [knownModel('m', 2, 0.25)], serving: SERVING };
  const configs = known.models.map(({ config }) => config);
  const observations = designExperiments(configs, DEFAULT_DESIGN).map((experiment) =>
    simulatedObservation(known, experiment, isOpen(experiment) ? 5 : 3),
  );
  const steps = FIT_STEPS.map(
    (step): Step<FitFacts> => ('refine' in step ? { ...step, again: step.again.map(strict) } : strict(step)),
  );
  const given = {
    provenance: () => profile('m', 1, 1).provenance,
    deviceOf: () => 'CPU',
    payloadOf: () => ({ requestBytes: 0, responseBytes: 0 }),
  };
  const { profiles } = runSteps<FitFacts>(steps, { observations, configs, missing: [], given });
  expect(profiles.map(({ model }) => model)).toEqual(['m']);
});

describe('a step that is repeated', () => {
  interface Facts {
    readonly guess: number;
    readonly square: number;
  }
  const square: Stage<Facts> = { name: 'square', run: ({ guess }) => ({ square: guess * guess }) };
  const root = (most: number) => [
    square,
    {
      name: 'root of two',
      refine: ({ guess, square: now }: Facts) => ({ guess: guess - (now - 2) / (2 * guess) }),
      again: [square],
      until: (before: Facts, after: Facts) => Math.abs(before.guess - after.guess) < 1e-9,
      most,
    },
  ];

  it('ends when nothing changes any more', () => {
    expect(runSteps<Facts>(root(100), { guess: 1 }).guess).toBeCloseTo(Math.SQRT2, 8);
  });

  it('ends after so many rounds, with what follows from the last', () => {
    expect(runSteps<Facts>(root(1), { guess: 1 })).toEqual({ guess: 1.5, square: 2.25 });
  });
});
