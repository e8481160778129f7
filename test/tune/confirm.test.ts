import { afterEach, describe, expect, it } from 'vitest';
import { connectTriton } from '../../src/live/triton/connect.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { confirmationValues } from '../../src/node/tune/confirm-values.js';
import { confirmLive, type LiveConfirmation } from '../../src/node/tune/live-confirmation.js';
import { LiveModels } from '../../src/node/tune/live-models.js';
import { tuneScenario } from '../../src/node/tune/tune-scenario.js';
import { tuneToText } from '../../src/node/tune/tune-text.js';
import { tuneValues } from '../../src/node/tune/tune-values.js';
import { measure } from '../../src/plan/tune/figures.js';
import { settingOf, withSetting } from '../../src/plan/tune/setting.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { scenarioText, smallScenario } from '../cli/small-scenario.js';
import {
  type MemoryModel,
  type MemoryTriton,
  type MemoryTritonOptions,
  startMemoryTriton,
} from '../support/memory-triton.js';

const { file, write } = smallScenario();
const closed = write(
  'closed.yaml',
  scenarioText({ durationS: 2 }).replaceAll(
    'process: {kind: poisson, ratePerS: 80}',
    'closedLoop: {concurrency: 2}',
  ),
);
const space = { instances: [1, 2], maxBatchSizes: [4], delaysUs: [0], preferred: ['max'] as const };
/** Tuned once: tests confirm the same outcome, each on a server of its own. */
let outcomeOfAll: ReturnType<typeof tuneScenario> | undefined;
const tuned = () => {
  outcomeOfAll ??= tuneScenario(closed, { objective: 'throughput', space, replications: 2 });
  return outcomeOfAll;
};

/** A live server on which everything takes as long as predicted, times `factor`. */
function simulatedLive(calls: string[], factor: (scenario: Scenario) => number): LiveConfirmation {
  return {
    measure: async (scenario) => {
      calls.push(`${scenario.servers[0]!.models[0]!.config.instanceGroups[0]!.count}`);
      const figures = measure(scenario);
      const tenants = figures.tenants.map((tenant) => ({
        ...tenant,
        inferencesPerS: tenant.inferencesPerS * factor(scenario),
      }));
      return { ...figures, tenants };
    },
    restore: async () => void calls.push('restored'),
  };
}

describe('a confirmation', () => {
  it('measures the best few and the settings as they are in turns, and gives the server back', async () => {
    const outcome = await tuned();
    const calls: string[] = [];
    const measured = await confirmLive(
      outcome,
      simulatedLive(calls, () => 1),
      { candidates: 2, rounds: 2 },
    );
    const { confirmed } = measured;
    expect(calls.at(-1)).toBe('restored');
    expect(calls.length).toBe(2 * confirmed.length + 1);
    expect(calls.slice(0, confirmed.length)).toEqual(calls.slice(confirmed.length, -1));
    expect(confirmed.every(({ measured }) => measured.length === 2)).toBe(true);
    const { best, candidates } = confirmationValues(measured, outcome);
    expect(best).toBe('1');
    expect(tuneValues(outcome, measured).confirmation).not.toHaveProperty('interrupted');
    expect(Math.abs(candidates[0]!.tenants[0]!.inferencesPerS.errorPercent)).toBeLessThan(2);
    expect(tuneToText(tuneValues(outcome, measured))).toContain('the predicted winner is the best of');
  });

  it('says so where another candidate measures best', async () => {
    const outcome = await tuned();
    const settings = ({ servers }: Scenario) => JSON.stringify(servers[0]!.models.map(settingOf));
    const spoilt = (scenario: Scenario) => (settings(scenario) === settings(outcome.best) ? 0.1 : 1);
    const measured = await confirmLive(outcome, simulatedLive([], spoilt), { candidates: 3, rounds: 2 });
    const values = confirmationValues(measured, outcome);
    expect(values.best).not.toBe('1');
    expect(tuneToText(tuneValues(outcome, measured))).toContain('not the predicted winner');
  });

  it('keeps what was measured when a measurement fails, and gives the server back', async () => {
    const calls: string[] = [];
    const whole = simulatedLive(calls, () => 1);
    const live: LiveConfirmation = {
      ...whole,
      measure: (scenario) =>
        calls.length === 1 ? Promise.reject(new Error('unreachable')) : whole.measure(scenario),
    };
    const outcome = await tuned();
    const measured = await confirmLive(outcome, live, { candidates: 2, rounds: 2 });
    const { confirmed, errors, interrupted } = measured;
    expect(interrupted).toBe(false);
    expect(errors).toEqual([new Error('unreachable')]);
    expect(calls).toEqual([expect.any(String), 'restored']);
    expect(confirmed.map(({ measured }) => measured.length).slice(0, 2)).toEqual([1, 0]);
    expect(tuneToText(tuneValues(outcome, measured))).toContain('Broken off');
  });

  it('tells both why it could not measure and why the server could not be given back', async () => {
    const live: LiveConfirmation = {
      measure: () => Promise.reject(new Error('unreachable')),
      restore: () => Promise.reject(new Error('not loaded as they were')),
    };
    const { errors } = await confirmLive(await tuned(), live, { candidates: 1, rounds: 1 });
    expect(errors).toEqual([new Error('unreachable'), new Error('not loaded as they were')]);
  });

  it('keeps what was measured when the user stops it, and gives the server back', async () => {
    const stop = new AbortController();
    const calls: string[] = [];
    const whole = simulatedLive(calls, () => 1);
    const live: LiveConfirmation = {
      ...whole,
      measure: async (scenario) => {
        const figures = await whole.measure(scenario);
        if (calls.length === 2) stop.abort();
        return figures;
      },
    };
    const outcome = await tuned();
    const measured = await confirmLive(outcome, live, { candidates: 3, rounds: 3, signal: stop.signal });
    const { confirmed } = measured;
    expect(calls).toHaveLength(3);
    expect(calls.at(-1)).toBe('restored');
    expect(confirmed.map(({ measured }) => measured.length).filter((runs) => runs === 1)).toHaveLength(2);
    expect(tuneToText(tuneValues(outcome, measured))).toContain('Broken off');
    expect(tuneToText(tuneValues(outcome, measured))).toContain('Interrupted before all was measured');
    expect(tuneValues(outcome, measured).confirmation!.interrupted).toBe(true);
  });
});

describe('the models of a live server', () => {
  const tidyUp: (() => unknown)[] = [];
  afterEach(async () => {
    for (const step of tidyUp.splice(0).reverse()) await step();
  });

  async function serve(cats: MemoryModel = {}, options: MemoryTritonOptions = {}) {
    const own: MemoryModel = {
      config: {
        parameters: { layers: { stringValue: '7' } },
        schedulingChoice: { case: 'dynamicBatching', value: {} },
      },
    };
    const triton: MemoryTriton = await startMemoryTriton({
      ...options,
      models: { cats: { ...own, ...cats }, dogs: own },
    });
    const client = connectTriton({ url: triton.url });
    tidyUp.push(
      () => triton.stop(),
      () => client.close(),
    );
    const { scenario } = await loadScenario(file);
    return { triton, client, scenario, models: await LiveModels.open(scenario, [{ client }]) };
  }

  function changed(scenario: Scenario): Scenario {
    const [server] = scenario.servers;
    const batching = { preferredBatchSizes: [4], maxQueueDelayUs: 700, maxQueueSize: 9 };
    const cats = withSetting(server!.models[0]!, { instances: 3, maxBatchSize: 4, batching }, server!);
    return { ...scenario, servers: [{ ...server!, models: [cats, server!.models[1]!] }] };
  }

  const loads = ({ calls }: MemoryTriton) =>
    calls.filter(({ method }) => method === 'RepositoryModelLoad').map(({ model }) => model);

  it('get the settings of a candidate and keep everything else', async () => {
    const { client, models, scenario } = await serve();
    await models.apply(changed(scenario));
    const { config, json } = await client.modelConfig('cats');
    expect(config).toMatchObject({ maxBatchSize: 4, instanceGroups: [{ count: 3 }] });
    expect(config.dynamicBatching).toMatchObject({ maxQueueDelayUs: 700, preferredBatchSizes: [4] });
    expect(json).toMatchObject({ parameters: { layers: { string_value: '7' } } });
  });

  it('are loaded only where something changes, and given back as they were', async () => {
    const { triton, client, models, scenario } = await serve();
    const before = (await client.modelConfig('cats')).json;
    await models.apply(scenario);
    expect(loads(triton)).toEqual([]);
    await models.apply(changed(scenario));
    await models.apply(changed(scenario));
    expect(loads(triton)).toEqual(['cats']);
    await models.restore();
    expect((await client.modelConfig('cats')).json).toEqual(before);
    await models.restore();
    expect(loads(triton)).toEqual(['cats', 'cats']);
  });

  it('are given back as they were found also where that is not what their files say', async () => {
    const { triton, client, scenario } = await serve();
    const found = { ...((await client.modelConfig('cats')).json as object), max_batch_size: 5 };
    await client.loadModel('cats', { configJson: JSON.stringify(found) });
    const models = await LiveModels.open(scenario, [{ client }]);
    await models.apply(changed(scenario));
    await models.restore();
    expect((await client.modelConfig('cats')).config.maxBatchSize).toBe(5);
    expect(triton.models.get('cats')!.config).not.toHaveProperty('maxBatchSize');
  });

  it('have nothing to be given back where the server does not allow loading: one error, not two', async () => {
    const { triton, models, scenario } = await serve({}, { allowsModelControl: false });
    await expect(models.apply(changed(scenario))).rejects.toMatchObject({ kind: 'refused' });
    const tried = triton.calls.length;
    await models.restore();
    expect(triton.calls).toHaveLength(tried);
  });

  it('say what to do where the server loads nothing, and where it cannot give a model back', async () => {
    const { triton, models, scenario } = await serve();
    triton.models.set('cats', { loadError: 'out of memory' });
    await expect(models.apply(changed(scenario))).rejects.toThrow('out of memory');
    await expect(models.restore()).rejects.toThrow(/could not be loaded as they were: cats/);
  });
});
