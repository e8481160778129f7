import { describe, expect, it } from 'vitest';
import { designExperiments } from '../../../src/calibrate/design.js';
import { DEFAULT_DESIGN, isOpen } from '../../../src/calibrate/experiment.js';
import { type CalibrationFit, fitProfiles } from '../../../src/calibrate/fit/fit-profiles.js';
import type { Observation } from '../../../src/calibrate/observation.js';
import { serializeProfile } from '../../../src/profile/parse.js';
import type { ModelProfile } from '../../../src/profile/profile.js';
import { type ModelConfig, NO_QUEUE_POLICY } from '../../../src/scenario/model-config.js';
import { config, profile } from '../../support/scenario.js';
import { type KnownServer, SERVING, simulatedObservation } from './simulated-observations.js';

function knownModel(name: string, fixedMs: number, itemMs: number, more: Partial<ModelProfile> = {}) {
  return {
    config: config(name, 8, { maxQueueDelayUs: 500 }),
    profile: profile(name, fixedMs, itemMs, {
      device: 'CPU',
      response: { fixedUs: 90, perRequestUs: 24, perKilobyteUs: 0 },
      spread: { law: 'lognormal', cv: 0.05 },
      ...more,
    }),
  };
}

const pair = (model: string, slowdown: number) => ({ pairs: [{ model, slowdown }] });

/** Two models that slow each other, one 1.5 times, the other 1.2 times. */
const KNOWN: KnownServer = {
  models: [
    knownModel('first', 2, 0.25, { interference: pair('second', 1.5) }),
    knownModel('second', 3, 0.4, { interference: pair('first', 1.2) }),
  ],
  serving: SERVING,
};

/** One whose queue limit binds payloads late. */
const LIMITED: KnownServer = {
  models: [
    {
      ...knownModel('limited', 2, 0.25),
      config: config('limited', 8, {
        maxQueueDelayUs: 500,
        defaultQueuePolicy: { ...NO_QUEUE_POLICY, maxQueueSize: 64 },
      }),
    },
  ],
  serving: SERVING,
};

function calibrated(known: KnownServer): CalibrationFit {
  const configs = known.models.map((each) => each.config);
  const observations: Observation[] = designExperiments(configs, DEFAULT_DESIGN).map((experiment) =>
    simulatedObservation(known, experiment, isOpen(experiment) ? 30 : 8),
  );
  return fitted(configs, observations);
}

function fitted(configs: readonly ModelConfig[], observations: readonly Observation[]): CalibrationFit {
  return fitProfiles({
    configs,
    observations,
    provenance: (model) => profile(model, 1, 1).provenance,
    deviceOf: () => 'CPU',
    payloadOf: () => ({ requestBytes: 0, responseBytes: 0 }),
    cpuCores: 2,
  });
}

describe('calibrating a server whose figures are known', () => {
  const fit = calibrated(KNOWN);
  const [first, second] = fit.profiles;

  it('finds the service time of every batch size within 1 %', () => {
    for (const [found, known] of [first!, second!].map(
      (each, i) => [each, KNOWN.models[i]!.profile] as const,
    )) {
      const [one, two] = known.service;
      const itemMs = two!.inferMs - one!.inferMs;
      for (const { batchSize, inputMs, inferMs, outputMs } of found.service) {
        const expectedMs = one!.inferMs + itemMs * (batchSize - 1);
        expect(Math.abs((inputMs + inferMs + outputMs) / expectedMs - 1)).toBeLessThan(0.01);
      }
    }
  });

  it('finds what wakes threads, what comes after an execution, and what the generator adds', () => {
    const { batcherWakeUs, instanceWakeUs } = fit.serving;
    expect(batcherWakeUs + instanceWakeUs).toBeCloseTo(40, -1);
    for (const { way } of fit.models) {
      expect(Math.abs(way.requestDelayUs + way.responseDelayUs - 180)).toBeLessThan(10);
      expect(way.generatorUs).toBeGreaterThan(15);
      expect(way.generatorUs).toBeLessThan(25);
    }
    const { fixedUs, perRequestUs } = first!.response;
    expect(Math.abs(fixedUs + 8 * perRequestUs - (90 + 8 * 24))).toBeLessThan(25);
  });

  it('finds how often the batcher wins, within a tenth', () => {
    expect(Math.abs(fit.serving.batcherWinsShare - SERVING.batcherWinsShare)).toBeLessThan(0.1);
  });

  it('finds how often it wins where payloads are bound late, too', () => {
    expect(Math.abs(calibrated(LIMITED).serving.batcherWinsShare - SERVING.batcherWinsShare)).toBeLessThan(
      0.1,
    );
  });

  it('finds the scatter of executions', () => {
    const { spread } = first!;
    const ratios = spread.law === 'empirical' ? spread.ratios : [];
    const cv = spread.law === 'lognormal' ? spread.cv : Math.sqrt(variance(ratios));
    expect(cv).toBeCloseTo(0.05, 2);
  });

  it('finds what co-runners cost each other within 5 %', () => {
    expect(Math.abs(first!.interference.pairs[0]!.slowdown / 1.5 - 1)).toBeLessThan(0.05);
    expect(Math.abs(second!.interference.pairs[0]!.slowdown / 1.2 - 1)).toBeLessThan(0.05);
  });

  it('expects a second instance to cost a model what the model most like it did, and says so', () => {
    expect(first!.interference.self).toBe(first!.interference.pairs[0]!.slowdown);
    expect(fit.uncertain.join('\n')).toMatch(
      /first, second served one instance: .* guessed from how it met others/,
    );
  });

  it('gives back the mean of open-loop points within 2 %, of which the sparse ones took no part in the fit', () => {
    for (const { replays } of fit.models) {
      const alone = replays.filter(({ id }) => !id.startsWith('beside'));
      const heldOut = alone.filter((replay) => replay.heldOut);
      expect(heldOut.map(({ id }) => id)).toEqual(['alone', 'sparse']);
      for (const { measured, predicted } of alone)
        expect(Math.abs(predicted.meanUs / measured.meanUs - 1)).toBeLessThan(0.02);
    }
  });

  it('gives back what both models saw side by side, which no fit has seen, within 4 %', () => {
    for (const { model, replays } of fit.models) {
      const { id, measured, predicted } = replays.at(-1)!;
      expect(id).toBe(`beside ${model === 'first' ? 'second' : 'first'}`);
      expect(measured.meanUs).toBeGreaterThan(2000);
      for (const key of ['meanUs', 'p50Us', 'p95Us'] as const)
        expect(Math.abs(predicted[key] / measured[key] - 1), `${model} ${key}`).toBeLessThan(0.04);
    }
  });

  it('its parts add up to the mean of what was measured, and of what is predicted', () => {
    for (const { measured, predicted } of fit.models.flatMap(({ replays }) => replays)) {
      for (const { partsMs, meanUs } of [measured, predicted])
        expect((1000 * Object.values(partsMs).reduce((sum, ms) => sum + ms, 0)) / meanUs).toBeCloseTo(1, 1);
    }
  });

  it('says in the profile how far it was off, in latencies and in their parts', () => {
    for (const { fit: summary } of fit.profiles) {
      const { mean, p50, parts } = summary!.latencyErrorPercent!;
      for (const percent of [mean, p50, parts!.queue, parts!.infer]) {
        expect(percent).toBeGreaterThan(0);
        expect(percent).toBeLessThan(10);
      }
    }
  });

  it('says what it assumed', () => {
    expect(fit.uncertain.join('\n')).toContain('served one instance');
  });

  it('makes the same profiles of the same points', () => {
    expect(JSON.stringify(calibrated(KNOWN).profiles)).toBe(JSON.stringify(fit.profiles));
  });
});

describe('a model whose executions take longer after a pause', () => {
  const cooling = { fromMs: 1, maxIdleMs: 100, inferMsPerDoubling: 0.1 };
  const warmth = { timeConstantMs: 20, coldSpeed: 0.8 };
  const on = (kind: 'KIND_CPU' | 'KIND_GPU', law: Partial<ModelProfile> = { cooling }) => {
    const model = knownModel('cools', 2, 0.25, law);
    const instanceGroups = [{ name: '', kind, count: 1, gpus: [], passive: false }];
    return calibrated({
      models: [{ ...model, config: { ...model.config, instanceGroups } }],
      serving: SERVING,
    });
  };

  it('is found to within a fifth, and that is not in the service time', () => {
    const found = on('KIND_GPU').profiles[0]!;
    expect(Math.abs(found.cooling!.inferMsPerDoubling / 0.1 - 1)).toBeLessThan(0.2);
    expect(Math.abs(found.service[0]!.inferMs / 2.25 - 1)).toBeLessThan(0.03);
  });

  it('is not believed where it only waits on the host, and nothing can cool', () => {
    expect(on('KIND_CPU').profiles[0]).not.toHaveProperty('cooling');
  });

  it.each([
    ['cools', { cooling }],
    ['follows its clock', { warmth }],
  ])('on a GPU that %s counts the pause once: sparse loads come out within 3 %%', (_, law) => {
    const { replays } = on('KIND_GPU', law).models[0]!;
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

describe('a single caller between whose requests the server answers for its statistics', () => {
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

it('what a second instance costs is found also where a batcher would join the requests of two callers', () => {
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
  const turns = (other: string) => ({ interference: { pairs: [], turnsWith: [other] } });
  const fit = calibrated({
    models: [knownModel('short', 1, 0.1, turns('long')), knownModel('long', 4, 0.5, turns('short'))],
    serving: SERVING,
  });

  it('are found to take turns', () => {
    expect(fit.profiles.map(({ interference }) => interference.turnsWith)).toEqual([['long'], ['short']]);
  });
});

function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
