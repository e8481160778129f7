import { describe, expect, it } from 'vitest';
import { type Choice, measureChoices } from '../../../scripts/tune/choices.js';
import { predictPoints } from '../../../scripts/tune/predicted-points.js';
import { scenarioOf } from '../../../scripts/tune/recorded-scenario.js';
import type { RecordedConfiguration, RecordedPoint } from '../../../scripts/tune/recorded-search.js';
import { casesOf, resultsMarkdown, type TuneReproduction } from '../../../scripts/tune/results.js';
import { loadScenario } from '../../../src/node/scenario/scenario-files.js';
import type { LiveConfirmation } from '../../../src/node/tune/live-confirmation.js';
import { measure } from '../../../src/plan/tune/figures.js';
import { settingOf } from '../../../src/plan/tune/setting.js';
import type { Scenario } from '../../../src/scenario/scenario.js';
import { scenarioText, smallScenario } from '../../cli/small-scenario.js';

const { write } = smallScenario();
const file = write(
  'closed.yaml',
  scenarioText({ durationS: 2 }).replaceAll(
    'process: {kind: poisson, ratePerS: 80}',
    'closedLoop: {concurrency: 2}',
  ),
);
const base = async () => (await loadScenario(file)).scenario;

/** The same for every model. */
function configuration(scenario: Scenario, choice: RecordedConfiguration[string]): RecordedConfiguration {
  return Object.fromEntries(scenario.tenants.map(({ model }) => [model, choice]));
}

const TWO = { instances: 2, maxBatchSize: 4, concurrency: 8 };

/** A live server on which everything is `factor` times as fast as predicted. */
function simulatedLive(measured: Scenario[], factor = 1): LiveConfirmation & { isRestored: boolean } {
  return {
    isRestored: false,
    async measure(scenario) {
      measured.push(scenario);
      const { tenants, ...rest } = measure(scenario);
      return {
        ...rest,
        tenants: tenants.map((tenant) => ({ ...tenant, inferencesPerS: factor * tenant.inferencesPerS })),
      };
    },
    async restore() {
      this.isRestored = true;
    },
  };
}

async function twoChoices(): Promise<Choice[]> {
  const scenario = await base();
  const choices = [TWO, { ...TWO, instances: 1 }].map((choice) => configuration(scenario, choice));
  return choices.map((models, i) => ({ tuner: `${i}`, text: '', scenario: scenarioOf(scenario, models) }));
}

async function reproduction(factor: number): Promise<TuneReproduction> {
  const scenario = await base();
  const models = configuration(scenario, TWO);
  const run = measure(scenarioOf(scenario, models));
  const measured = Object.fromEntries(
    scenario.tenants.map(({ model }, t) => [
      model,
      { throughputPerS: run.tenants[t]!.inferencesPerS / 1.1, p99Ms: run.tenants[t]!.tailMs / 0.8 },
    ]),
  );
  const points = [{ models, measured, keptUp: true }];
  const [ours, theirs] = await measureChoices(await twoChoices(), simulatedLive([], factor), {
    rounds: 3,
    progress: () => {},
  });
  return {
    combinations: 2000,
    simulations: 10,
    calibrateS: 100,
    searchS: 20,
    confirmS: 0,
    choices: [ours!, theirs!],
    recorded: { tool: 'the other', seconds: 250, choice: models, points },
    predicted: predictPoints(scenario, points),
    text: 'best\n',
  };
}

describe('a configuration of another tuner', () => {
  it('becomes a scenario with its settings of every model and its clients', async () => {
    const scenario = await base();
    const { servers, tenants } = scenarioOf(scenario, configuration(scenario, TWO));
    for (const model of servers.flatMap(({ models }) => models)) {
      expect(settingOf(model)).toEqual({
        instances: 2,
        maxBatchSize: 4,
        batching: { preferredBatchSizes: [4], maxQueueDelayUs: 0, maxQueueSize: 0 },
      });
    }
    expect(tenants.map(({ load }) => load.mode === 'closed' && load.concurrency)).toEqual(
      tenants.map(() => 8),
    );
  });

  it('is refused when it says nothing of a model', async () => {
    const scenario = await base();
    expect(() => scenarioOf(scenario, {})).toThrow(/nothing is recorded of/);
  });
});

describe('two choices', () => {
  it('are measured in turns, every other round in the opposite order, and the server is given back', async () => {
    const choices = await twoChoices();
    const measured: Scenario[] = [];
    const live = simulatedLive(measured);
    const results = await measureChoices(choices, live, { rounds: 3, progress: () => {} });
    expect(measured.map((scenario) => choices.findIndex((choice) => choice.scenario === scenario))).toEqual([
      0, 1, 1, 0, 0, 1,
    ]);
    expect(results.map((result) => result.measured.length)).toEqual([3, 3]);
    expect(live.isRestored).toBe(true);
  });

  it('leave the server as it was also when measuring fails', async () => {
    const live = { ...simulatedLive([]), measure: () => Promise.reject(new Error('gone')) };
    const rounds = measureChoices(await twoChoices(), live, { rounds: 1, progress: () => {} });
    await expect(rounds).rejects.toThrow('gone');
    expect(live.isRestored).toBe(true);
  });
});

describe('the results', () => {
  it('hold the median errors, the ratio of the choices and the time against that of the other', async () => {
    const cases = casesOf(await reproduction(1));
    const of = (name: string) => cases.find((each) => each.name.includes(name))!;
    // Other seeds than those that "measured" are averaged in.
    expect(of('throughput').value).toBeCloseTo(10, 0);
    expect(Math.abs(of('p99').value - 20)).toBeLessThan(5);
    expect(of('calibration, search and confirmation')).toMatchObject({ value: 120, bound: 250 });
    expect(of('choice').value).toBeGreaterThan(1);
  });

  it('say nothing of the time when the profiles were given', async () => {
    const cases = casesOf({ ...(await reproduction(1)), calibrateS: undefined });
    expect(cases.map(({ name }) => name).join()).not.toContain('calibration');
  });

  it('put an earlier search of the other beside its newest: what it does not measure twice alike, nobody can predict', async () => {
    const now = await reproduction(1);
    const faster = (point: RecordedPoint): RecordedPoint => ({
      ...point,
      measured: Object.fromEntries(
        Object.entries(point.measured).map(([model, { throughputPerS, p99Ms }]) => [
          model,
          { throughputPerS: 1.07 * throughputPerS, p99Ms: 0.8 * p99Ms },
        ]),
      ),
    });
    const elsewhere = configuration(await base(), { ...TWO, concurrency: 4 });
    const [point] = now.recorded!.points;
    const points = [
      faster(point!),
      { ...point!, models: elsewhere },
      { ...faster(faster(point!)), keptUp: false },
    ];
    const both = { ...now, earlier: { ...now.recorded!, points } };
    const of = (name: string) => casesOf(both).find((each) => each.name.includes(name))!;
    expect(of('throughput of the same points').value).toBeCloseTo(7, 6);
    expect(of('p99 of the same points').value).toBeCloseTo(20, 6);
    expect(resultsMarkdown(both)).toContain('measured 1 of these points, too');
    expect(resultsMarkdown(now)).not.toContain('of these points, too');
  });

  it('are a page with both times, both choices and every point of the other', async () => {
    const page = resultsMarkdown(await reproduction(1));
    expect(page).toContain(
      '| perseus | 120 s | calibration 100 s, search 20 s, the best three and the settings as they are measured once 0 s |',
    );
    expect(page).toContain('| the other | 250 s |');
    expect(page).toContain('2×4 (8)');
    expect(page).not.toMatch(/NaN|undefined/);
  });
});
