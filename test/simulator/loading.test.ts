import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/scenario/changes.js';
import type { Load } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { Outcome } from '../../src/trace/request-log.js';
import { cases } from '../support/cases.js';
import { arrivals, config, ONE_CLIENT, profile, scenario, server, tenant } from '../support/scenario.js';

// What Triton's own tests expect: qa/L0_lifecycle and qa/L0_model_update (test_infer_while_updating).

const PROFILE = profile('m', 10, 0);
const change = (what: 'load' | 'unload' | 'reload', ms: number): Change => ({
  atUs: ms * 1000,
  do: `${what}Model`,
  server: 0,
  model: 0,
});
const atMs = (...times: number[]) => arrivals(times.map((ms) => ms * 1000));

/** One instance, 10 ms a request. */
function run(load: Load, changes: readonly Change[], { s = 0.2, delayUs = 0 } = {}) {
  const plain = server('s', { models: [{ config: config('m', 1), profile: PROFILE }] });
  const network = { ...plain.network, requestDelayUs: delayUs, responseDelayUs: delayUs };
  const { log } = simulate(scenario([{ ...plain, network }], [tenant('t', 'm', load)], s, { changes }));
  const ms = (column: Float64Array) => Array.from(column, (us) => us / 1000);
  return {
    log,
    outcome: Array.from(log.outcome),
    endedMs: ms(log.endedUs),
    startedMs: ms(log.calls.startedUs),
  };
}

const { completed, rejected } = Outcome;

describe('a model', () => {
  it('that is loaded in mid-run refuses what comes before', () => {
    const { outcome, endedMs } = run(atMs(10, 19, 20, 21), [change('load', 20)], { delayUs: 500 });
    expect(outcome).toEqual([rejected, rejected, completed, completed]);
    expect(endedMs).toEqual([11, 20, 31, 41]);
  });

  it('that is unloaded serves what it has, and refuses what reaches it after that', () => {
    const { outcome, endedMs } = run(atMs(0, 1, 2, 14.8, 30), [change('unload', 15)], { delayUs: 500 });
    expect(outcome).toEqual([completed, completed, completed, rejected, rejected]);
    expect(endedMs).toEqual([11, 21, 31, 15.8, 31]);
  });

  it('can be loaded again', () => {
    const changes = [change('unload', 15), change('load', 40), change('unload', 60)];
    const { outcome } = run(atMs(0, 20, 41, 61), changes);
    expect(outcome).toEqual([completed, rejected, completed, rejected]);
  });

  it('that is reloaded loses no request: the version before serves its queue beside the new one', () => {
    const { outcome, startedMs } = run(atMs(0, 1, 2, 3, 15, 16), [change('reload', 12)]);
    expect(outcome).toEqual(Array(6).fill(completed));
    // Requests that it had taken wait for its instance; those that come after have that of the new version.
    expect(startedMs).toEqual([0, 10, 20, 30, 15, 25]);
  });

  it('can be reloaded over and over without an error', () => {
    const changes = Array.from({ length: 30 }, (_, i) => change('reload', 3 + 6 * i));
    const { outcome } = run(ONE_CLIENT, changes);
    expect(outcome.filter((each) => each === completed).length).toBe(19);
    expect(outcome.filter((each) => each === rejected)).toEqual([]);
  });
});

it('of any loads and unloads: every request has one outcome, in time, and none is started by a model that took it before its load', () => {
  const steps = fc.array(fc.record({ gapMs: fc.integer({ min: 1, max: 30 }), reloads: fc.boolean() }), {
    maxLength: 10,
  });
  const property = fc.property(steps, fc.array(fc.nat(200), { maxLength: 60 }), (all, times) => {
    const changes: Change[] = [];
    const loaded: (readonly [fromMs: number, toMs: number])[] = [];
    let ms = 0;
    let sinceMs: number | undefined = 0;
    for (const { gapMs, reloads } of all) {
      ms += gapMs;
      if (sinceMs !== undefined && reloads) changes.push(change('reload', ms));
      else if (sinceMs !== undefined) {
        changes.push(change('unload', ms));
        loaded.push([sinceMs, ms]);
        sinceMs = undefined;
      } else {
        changes.push(change('load', ms));
        sinceMs = ms;
      }
    }
    if (sinceMs !== undefined) loaded.push([sinceMs, Infinity]);
    const { log, outcome, startedMs, endedMs } = run(atMs(...times.sort((a, b) => a - b)), changes, { s: 2 });
    expect(outcome.length).toBe(times.length);
    for (const [i, each] of outcome.entries()) {
      const queuedMs = log.plannedUs[i]! / 1000;
      const isLoaded = loaded.some(([from, to]) => from <= queuedMs && queuedMs < to);
      expect(each).toBe(isLoaded ? completed : rejected);
      expect(endedMs[i]).toBeGreaterThanOrEqual(isLoaded ? startedMs[i]! + 10 : queuedMs);
    }
  });
  fc.assert(property, { numRuns: cases(200) });
});
