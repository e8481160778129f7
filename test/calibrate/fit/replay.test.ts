import { describe, expect, it } from 'vitest';
import type { Experiment } from '../../../src/calibrate/experiment.js';
import {
  measuredFigures,
  misfitOf,
  type ReplayFigures,
  replay,
  replayedInferUs,
  replayedStretches,
  replayTogether,
  servedIn,
} from '../../../src/calibrate/fit/replay/replay.js';
import type { TogetherPoint } from '../../../src/calibrate/observation.js';
import { config, profile } from '../../support/scenario.js';
import { clientOf, counted, observed } from './observed.js';
import { SERVING, simulatedObservation } from './simulated-observations.js';

const DENSE: Experiment = { kind: 'poisson', id: 'a/poisson-60', model: 'a', loadShare: 0.6 };
const TOGETHER: Experiment = { kind: 'together', id: 'a+b', model: 'a', other: 'b', busyShare: 0.4 };

/** Batches of up to eight; each slows the other while both execute. */
const served = (['a', 'b'] as const).map((name, i) => ({
  config: config(name, 8, { preferredBatchSizes: [8] }),
  profile: profile(name, 2 + 3 * i, 0.5, {
    device: 'CPU',
    hostCores: { input: 0, infer: 1, output: 0, response: 0 },
    interference: { pairs: [{ model: i === 0 ? 'b' : 'a', slowdown: i === 0 ? 1.5 : 1.2 }] },
    serving: SERVING,
  }),
}));
const server = { models: served, serving: SERVING };

function expectAlike(
  predicted: Readonly<Record<string, unknown>>,
  measured: Readonly<Record<string, unknown>>,
  within: number,
) {
  for (const [name, value] of Object.entries(predicted)) {
    if (typeof value !== 'number') continue;
    expect([
      name,
      Math.abs(value - (measured[name] as number)) <= 1e-6 + within * (measured[name] as number),
    ]).toEqual([name, true]);
  }
}

describe('a replay by the profile of the server that was measured', () => {
  it('gives what was measured: latencies, what the server counted, and what executions of each size took', () => {
    const point = simulatedObservation(server, DENSE, 20);
    const [model] = served;
    const measured = measuredFigures(point);
    const predicted = replay(point, model!.config, model!.profile);
    expectAlike({ ...predicted }, { ...measured }, 0.02);
    expectAlike(predicted.partsMs, measured.partsMs, 0.05);
    expect(misfitOf(predicted, measured)).toBeLessThan(2);
    const bySize = replayedInferUs(point, model!);
    expect(bySize.size).toBeGreaterThan(1);
    expect(bySize.get(1)).toBeCloseTo(2500, 0);
    for (const [size, us] of bySize) expect(us).toBeCloseTo(2000 + 500 * size, 0);
    // A slower profile is off, and that shows.
    const slower = {
      ...model!.profile,
      service: model!.profile.service.map((each) => ({ ...each, inferMs: 1.2 * each.inferMs })),
    };
    expect(misfitOf(replay(point, model!.config, slower), measured)).toBeGreaterThan(50);
  });

  it('gives of two models what was seen in the turns of both, in which they stretch each other', () => {
    const point = simulatedObservation(server, TOGETHER, 60);
    const replays = replayTogether(point, served)!;
    for (const { measured, predicted } of replays) {
      expectAlike({ ...predicted }, { ...measured }, 0.05);
      expectAlike(predicted.partsMs, measured.partsMs, 0.1);
    }
    const stretches = replayedStretches(point, served);
    // Each meets the other for about 0.4 of its time.
    expect(Math.abs(stretches[0]! - 1.2)).toBeLessThan(0.1);
    expect(Math.abs(stretches[1]! - 1.08)).toBeLessThan(0.05);
    const unkept = { ...point, clients: point.clients.map(({ latenciesUs: _, ...client }) => client) };
    expect(replayTogether(unkept, served)).toBeUndefined();
  });
});

it('a replay of nothing knows nothing', () => {
  const { config: own, profile: fitted } = served[0]!;
  const nothing = observed(DENSE, { clients: [{ ...clientOf('a', 900), sentUs: [], latenciesUs: [] }] });
  expect(replay(nothing, own, fitted)).toMatchObject({
    meanUs: Number.NaN,
    p99Us: Number.NaN,
    serverUs: Number.NaN,
    requestsPerExecution: Number.NaN,
  });
  expect(replayedInferUs(nothing, { config: own, profile: fitted }).size).toBe(0);
});

it('models of a point come in the order of its turns, or not at all where one of them was not fitted', () => {
  const point = observed({ ...TOGETHER, model: 'b', other: 'a' }, {}) as TogetherPoint;
  expect(servedIn(point, served)).toEqual([served[1], served[0]]);
  expect(servedIn(point, served.slice(0, 1))).toBeUndefined();
  expect(servedIn(point, served.slice(1))).toBeUndefined();
});

it('measured figures are those of the client, and of the server where it counted the model', () => {
  const client = { ...clientOf('a', 900), quantilesUs: Array.from({ length: 200 }, (_, i) => i + 1) };
  const statistics = [counted('other', 1000, 50), { ...counted('a', 1000, 400, 600), executionCount: 500 }];
  const figures = measuredFigures(observed(DENSE, { clients: [client], statistics }));
  expect(figures).toMatchObject({ meanUs: 900, serverUs: 600, requestsPerExecution: 2 });
  expect(figures.partsMs.network).toBeCloseTo(0.3, 9);
  expect([figures.p50Us, figures.p95Us, figures.p99Us].map(Math.round)).toEqual([101, 190, 198]);
  const blind = measuredFigures(observed(DENSE, { clients: [client], statistics: statistics.slice(0, 1) }));
  expect([blind.serverUs, blind.requestsPerExecution]).toEqual([Number.NaN, Number.NaN]);
});

it('a misfit is counted in deviations of a point, 1.5 % each, of what the server counts', () => {
  const figures = (serverUs: number, requestsPerExecution: number, meanUs = 1) =>
    ({ serverUs, requestsPerExecution, meanUs }) as ReplayFigures;
  expect(misfitOf(figures(1000, 2), figures(1000, 2, 5))).toBe(0);
  expect(misfitOf(figures(1030, 2), figures(1000, 2))).toBeCloseTo(4, 9);
  expect(misfitOf(figures(970, 2.06), figures(1000, 2))).toBeCloseTo(8, 9);
});
