import { describe, expect, it } from 'vitest';
import { sleepsBetween } from '../../../src/calibrate/steady-answers.js';
import { warningSentence } from '../../../src/report/advice.js';
import { explainTenant } from '../../../src/report/explain-tenant.js';
import type { Scenario } from '../../../src/scenario/scenario.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { Outcome } from '../../../src/trace/request-log.js';
import { closedLoopOf } from '../../support/closed-loop.js';
import { config, poisson, profile, server, tenant } from '../../support/scenario.js';

/** What calibrations of sleeping models and networks have found. */
const MEASURED = { batcherWinsShare: 0.05 };

const sleepWarnings = (spec: Scenario) =>
  simulate(spec).warnings.filter(({ code }) => code === 'batcher-sleeps');

describe('a batcher that sleeps for 500 ms while requests and an instance wait', () => {
  it.each([1, 3])('is counted each time that %i closed-loop clients find it so', (concurrency) => {
    const { executions, log } = simulate(closedLoopOf(MEASURED, { concurrency }));
    const answersUs = log.endedUs.filter((_, row) => log.outcome[row] === Outcome.completed).sort();
    const sleeps = sleepsBetween(answersUs);
    expect(sleeps).toBeGreaterThan(10);
    expect(executions[0]!.lostWakeUps).toBe(sleeps);
  });

  it('is warned of, with how often it happened', () => {
    const spec = closedLoopOf(MEASURED);
    const { lostWakeUps } = simulate(spec).executions[0]!;
    const [warning, ...others] = sleepWarnings(spec);
    expect(others).toEqual([]);
    expect(warning).toMatchObject({ code: 'batcher-sleeps', subject: 'm' });
    expect(warningSentence(warning!)).toMatch(
      new RegExp(`^Its batcher on s slept ${lostWakeUps} times .*\\.$`),
    );
  });

  it.each([
    ['closed-loop clients that pause for a millisecond', { thinkUs: 1000 }],
    ['models without a queue policy', { maxQueueSize: 0 }],
  ])('is not spoken of with %s, who never meet one', (_, closedLoopClients) => {
    const spec = closedLoopOf(MEASURED, closedLoopClients);
    expect(simulate(spec).executions[0]!.lostWakeUps).toBe(0);
    expect(sleepWarnings(spec)).toEqual([]);
  });

  it('is not taken for one that is kept from working by a busy instance', () => {
    const spec = closedLoopOf(MEASURED, { concurrency: 3 });
    const slow = { config: spec.servers[0]!.models[0]!.config, profile: profile('m', 1800, 0) };
    const host = { ...spec.servers[0]!, models: server('s', { models: [slow] }).models };
    const never = { ...host.options, batcherWinsShare: 0 };
    expect(simulate({ ...spec, servers: [{ ...host, options: never }] }).executions[0]!.lostWakeUps).toBe(0);
  });
});

describe('an explanation of slow requests', () => {
  const confirmed = (spec: Scenario, name = 't') =>
    explainTenant(spec, name)
      .explanation.causes.filter((cause) => cause.confirmed)
      .map(({ code }) => code);

  it('blames a batcher that sleeps and nobody else, shown by running with one that does not', () => {
    expect(confirmed(closedLoopOf(MEASURED))).toEqual(['batcher-sleep']);
  });

  it('does not where closed-loop clients pause, or the batcher never comes first', () => {
    expect(confirmed(closedLoopOf(MEASURED, { thinkUs: 1000 }))).not.toContain('batcher-sleep');
    expect(confirmed(closedLoopOf({ batcherWinsShare: 0 }))).not.toContain('batcher-sleep');
  });

  it("leaves other models' batchers as they are", () => {
    const spec = closedLoopOf(MEASURED);
    const other = { config: config('o', 8), profile: profile('o', 4, 0) };
    const models = [...spec.servers[0]!.models, ...server('s', { models: [other] }).models];
    const quiet = tenant('quiet', 'o', poisson('quiet', 20, 400), { targets: [{ server: 0, model: 1 }] });
    const both = { ...spec, servers: [{ ...spec.servers[0]!, models }], tenants: [...spec.tenants, quiet] };
    expect(confirmed(both, 'quiet')).not.toContain('batcher-sleep');
  });
});
