import { describe, expect, it } from 'vitest';
import { designExperiments } from '../../../src/calibrate/design.js';
import { DEFAULT_DESIGN, isOpen } from '../../../src/calibrate/experiment.js';
import { serializeProfile } from '../../../src/profile/parse.js';
import { calibrated, fitted, knownModel, variance } from './known-models.js';
import { SERVING, simulatedObservation } from './simulated-observations.js';

describe('a model whose executions take longer after a pause', () => {
  const warmUpState = { timeConstantMs: 20, coldSpeed: 0.8 };
  const on = (kind: 'KIND_CPU' | 'KIND_GPU') => {
    const model = knownModel('cools', 2, 0.25, { warmUpState });
    const instanceGroups = [{ name: '', kind, count: 1, gpus: [], passive: false }];
    return calibrated({
      models: [{ ...model, config: { ...model.config, instanceGroups } }],
      serving: SERVING,
    });
  };

  it('is found to within a tenth, and that is not in the service time', () => {
    const found = on('KIND_GPU').profiles[0]!;
    expect(Math.abs(found.warmUpState!.coldSpeed / 0.8 - 1)).toBeLessThan(0.1);
    expect(Math.abs(found.service[0]!.inferMs / 2.25 - 1)).toBeLessThan(0.03);
  });

  it('is not believed where it only waits on the host, and nothing can cool', () => {
    expect(on('KIND_CPU').profiles[0]).not.toHaveProperty('warmUpState');
  });

  it('on a GPU counts the pause once: sparse loads come out within 3 %', () => {
    const { replays } = on('KIND_GPU').models[0]!;
    const sparse = replays.filter(({ heldOut }) => heldOut);
    expect(sparse.map(({ id }) => id)).toEqual(['alone', 'sparse']);
    for (const { id, measured, predicted } of sparse)
      expect(Math.abs(predicted.meanUs / measured.meanUs - 1), id).toBeLessThan(0.03);
  });
});

describe('a model of which executions take longer the fewer requests its server gets', () => {
  // It takes 2.25 ms: sparse loads are of 44 and 178 requests/s, dense ones of more.
  const phasesByRate = [
    { requestsPerS: 44, inputUs: 20, inferUs: 120, outputUs: 160 },
    { requestsPerS: 178, inputUs: 10, inferUs: 60, outputUs: 80 },
    { requestsPerS: 260, inputUs: 0, inferUs: 0, outputUs: 0 },
  ];
  const known = knownModel('sleeps', 2, 0.25, { serving: { ...SERVING, phasesByRate } });
  const fit = calibrated({ models: [known], serving: { ...SERVING, phasesByRate } });
  const [found] = fit.profiles;

  it('is found with about what each phase takes longer at either rate', () => {
    const [sparse, usual, dense] = found!.serving!.phasesByRate!;
    for (const [i, each] of [sparse, usual].entries()) {
      const expected = phasesByRate[i]!;
      expect(Math.abs(each!.requestsPerS / expected.requestsPerS - 1)).toBeLessThan(0.1);
      for (const phase of ['inferUs', 'outputUs'] as const)
        expect(Math.abs(each![phase] - expected[phase]), `${phase} ${i}`).toBeLessThan(25);
    }
    expect(dense).toMatchObject({ inputUs: 0, inferUs: 0, outputUs: 0 });
  });

  it('has that neither in its service time nor in its drift', () => {
    expect(Math.abs(found!.service[0]!.inferMs / 2.25 - 1)).toBeLessThan(0.015);
    for (const { id, measured, predicted } of fit.models[0]!.replays)
      expect(Math.abs(predicted.meanUs / measured.meanUs - 1), id).toBeLessThan(0.02);
  });
});

describe('a single client between whose requests the server answers for its statistics', () => {
  it('does not tell how executions of a model scatter that only waits: sparse loads do', () => {
    const known = knownModel('waits', 2, 0.25);
    const observations = designExperiments([known.config], DEFAULT_DESIGN)
      .map((each) => simulatedObservation({ models: [known], serving: SERVING }, each, isOpen(each) ? 30 : 8))
      .map((each) =>
        each.executionsUs === undefined
          ? each
          : { ...each, executionsUs: each.executionsUs.map((us, i) => (i % 3 === 0 ? 1.4 * us : us)) },
      );
    const { spread } = fitted([known.config], observations).profiles[0]!;
    const ratios = spread.law === 'empirical' ? spread.ratios : [];
    const cv = spread.law === 'lognormal' || spread.law === 'gamma' ? spread.cv : Math.sqrt(variance(ratios));
    expect(cv).toBeCloseTo(0.05, 2);
  });
});

it('what a second instance costs is found also where a batcher would join the requests of two clients', () => {
  const model = knownModel('twice', 2, 0.25, { interference: { self: 1.3, pairs: [] } });
  const group = { name: '', kind: 'KIND_CPU', count: 2, gpus: [], passive: false } as const;
  const twice = { ...model, config: { ...model.config, instanceGroups: [group] } };
  const { profiles } = calibrated({ models: [twice], serving: SERVING });
  const { interference, service } = profiles[0]!;
  expect(Math.abs(interference.self! / 1.3 - 1)).toBeLessThan(0.02);
  expect(Math.abs(service[0]!.inferMs / 2.25 - 1)).toBeLessThan(0.02);
});

it.each([1000, 2000, 4000])(
  'a model that takes %i ms has a profile, although nobody asked it in its sparse load',
  (ms) => {
    const known = { models: [knownModel('slow', ms, 1)], serving: SERVING };
    const configs = known.models.map((each) => each.config);
    const observations = designExperiments(configs, DEFAULT_DESIGN).map((experiment) =>
      simulatedObservation(known, experiment, isOpen(experiment) ? 9 : 8),
    );
    const [profile] = fitted(configs, observations).profiles;
    expect(() => serializeProfile(profile!)).not.toThrow();
    expect(Math.abs(profile!.service[0]!.inferMs / (ms + 1) - 1)).toBeLessThan(0.1);
  },
);

it('slow models that met for three seconds have profiles, although one was not asked in the turn of both', () => {
  const known = { models: [knownModel('a', 300, 1), knownModel('b', 390, 1)], serving: SERVING };
  const configs = known.models.map((each) => each.config);
  const observations = designExperiments(configs, DEFAULT_DESIGN).map((experiment) =>
    simulatedObservation(known, experiment, experiment.kind === 'together' ? 3 : 9),
  );
  const { clients } = observations.find(({ experiment }) => experiment.kind === 'together')!;
  const askedInFirstTurn = clients.map(({ sentUs = [] }) => sentUs.some((us) => us < 1e6));
  expect(clients.every(({ completed }) => completed > 0)).toBe(true);
  expect(askedInFirstTurn).toEqual([false, true]);
  const { profiles, models } = fitted(configs, observations);
  for (const profile of profiles) expect(() => serializeProfile(profile)).not.toThrow();
  expect(models.map(({ replays }) => replays.filter(({ id }) => id.startsWith('beside')).length)).toEqual([
    0, 1,
  ]);
});

it('a model that only waits is found to scatter as widely as it does: long executions seldom stay alone', () => {
  const known = knownModel('wide', 2, 0.25, { spread: { law: 'lognormal', cv: 0.5 } });
  const { profiles } = calibrated({ models: [known], serving: SERVING });
  const { spread } = profiles[0]!;
  const ratios = spread.law === 'empirical' ? spread.ratios : [];
  const cv = spread.law === 'lognormal' || spread.law === 'gamma' ? spread.cv : Math.sqrt(variance(ratios));
  expect(Math.abs(cv / 0.5 - 1)).toBeLessThan(0.05);
});

describe('models that share a lock', () => {
  const turns = (other: string) => ({ interference: { pairs: [], mutuallyExclusiveWith: [other] } });
  const fit = calibrated({
    models: [knownModel('short', 1, 0.1, turns('long')), knownModel('long', 4, 0.5, turns('short'))],
    serving: SERVING,
  });

  it('are found to take turns', () => {
    expect(fit.profiles.map(({ interference }) => interference.mutuallyExclusiveWith)).toEqual([
      ['long'],
      ['short'],
    ]);
  });
});
