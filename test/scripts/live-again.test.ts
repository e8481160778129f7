import { expect, it } from 'vitest';
import { againSection, compareWithEarlier } from '../../scripts/live/again.js';
import { judgedFigures } from '../../scripts/live/judged-figures.js';
import type { LiveCase } from '../../scripts/live/scenarios.js';
import { simulate } from '../../src/simulator/simulate.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';
import { liveRunOf } from '../validate/live-run-of.js';

const LIVE: LiveCase = { name: 'alone', group: 'sleeping', loads: [] };
const ARRIVALS = arrivals(Array.from({ length: 400 }, (_, i) => 10_000 * i));

/** 400 requests far apart, each of which takes so long. */
const madeOf = (inferMs: number) => {
  const host = server('s', { models: [{ config: config('m', 1), profile: profile('m', inferMs, 0) }] });
  return scenario([host], [tenant('t', 'm', ARRIVALS)], 4);
};
const runOf = (inferMs: number) => {
  const made = madeOf(inferMs);
  return liveRunOf(simulate(made), made);
};
const reportOf = (earlierMs: readonly number[], laterMs: readonly number[]) => ({
  live: LIVE,
  report: compareWithEarlier(madeOf(2), earlierMs.map(runOf), laterMs.map(runOf)),
  health: [],
});

it('runs that are the same to the last digit predict each other without an error', () => {
  const errors = judgedFigures([reportOf([2, 2], [2, 2])]).map(({ figure }) => figure.error);
  expect(errors).toEqual([0, 0, 0, 0, 0]);
});

it('runs of a machine that became slower are mispredicted by that, however exact the first ones were', () => {
  const judged = judgedFigures([reportOf([2, 2], [2.5, 2.5])]);
  const missed = judged.filter(({ margin }) => margin > 0).map(({ figure }) => figure.metric.name);
  expect(missed).toEqual(['meanMs', 'p50Ms', 'p95Ms', 'p99Ms']);
  for (const { figure } of judged.filter(({ margin }) => margin > 0))
    expect(figure.error).toBeCloseTo(-20, 1);
});

it('what differs by no more than the later runs do from each other counts as within', () => {
  const judged = judgedFigures([reportOf([2, 2], [2.1, 2.6])]);
  expect(judged.every(({ margin }) => margin <= 0)).toBe(true);
});

it('the page says how many figures the first runs and the simulation predict', () => {
  const section = againSection({ byFirst: [reportOf([2], [2])], simulated: [reportOf([3], [2])] });
  expect(section).toContain('5 of 5 figures');
  expect(section).toContain('is simulated 1 of 5 are');
  expect(section).toContain('| simulation | models that wait | 50.0 % |');
});
