import { describe, expect, it } from 'vitest';
import { explainTenant } from '../../src/report/explain-tenant.js';
import type { Change } from '../../src/scenario/changes.js';
import type { Load, ServedModel, Server } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { callEndedUs } from '../../src/trace/calls.js';
import { Outcome } from '../../src/trace/request-log.js';
import { arrivals, config, poisson, profile, scenario, server, tenant } from '../support/scenario.js';

/** Executions of 10 ms, one request each. */
function host({
  instances = 1,
  model = config('m', 1),
  serviceMs = 10,
  more = {} as Partial<ServedModel>,
} = {}): Server {
  return server('s', { models: [{ config: model, profile: profile('m', serviceMs, 0), instances, more }] });
}

const atMs = (...times: number[]) => arrivals(times.map((ms) => ms * 1000));
const kill = (ms: number): Change => ({
  atUs: ms * 1000,
  do: 'killInstances',
  server: 0,
  model: 0,
  count: 1,
});

function run(place: Server, load: Load, changes: readonly Change[], s: number) {
  return simulate(scenario([place], [tenant('t', 'm', load)], s, { changes }));
}

describe('a process that dies', () => {
  const outcomes = ({ log }: ReturnType<typeof run>) => Array.from(log.outcome);
  const endedMs = ({ log }: ReturnType<typeof run>) => Array.from(log.endedUs, (us) => us / 1000);
  const [fine, failed] = [Outcome.completed, Outcome.failed];

  it('fails what it was executing at a look of the server, and each later request a second after it was taken', () => {
    const found = run(host(), atMs(0, 15, 20), [kill(20)], 4);
    // It died 5 ms after it had begun with the second: before it said that it was alive.
    expect(outcomes(found)).toEqual([fine, failed, failed]);
    expect(endedMs(found)).toEqual([10, 1015, 2015]);
    const callsEndMs = [0, 1, 2].map((call) => callEndedUs(found.log.calls, call) / 1000);
    expect(callsEndMs).toEqual([10, 1015, 2015]);
    expect(found.executions[0]!.byBatchSize[1]).toBe(1);
    expect(Array.from(found.log.calls.execution)).toEqual([0, -1, -1]);
  });

  it('is found a look later where it had said since the last one that it was alive', () => {
    const slow = host({ serviceMs: 1500 });
    expect(endedMs(run(slow, atMs(0), [kill(200)], 4))).toEqual([1000]);
    expect(endedMs(run(slow, atMs(0), [kill(400)], 4))).toEqual([2000]);
    expect(endedMs(run(slow, atMs(0), [kill(1100)], 4))).toEqual([2000]);
  });

  it('leaves the other instances as they are, and draws one request in a second from them', () => {
    const found = run(host({ instances: 2 }), poisson('t', 100, 300), [kill(0)], 5);
    const lost = outcomes(found).filter((outcome) => outcome === failed).length;
    expect(lost).toBeGreaterThan(1);
    expect(lost).toBeLessThanOrEqual(5);
  });

  it('frees its device, keeps no answer of other batches back, and comes back with its server', () => {
    const busy = run(host({ model: config('m', 1, {}) }), atMs(0), [kill(5)], 2);
    expect(busy.devices[0]!.busyShare).toBeCloseTo(5 / 2000, 9);
    const model = config('m', 1, { preserveOrdering: true });
    const kept = run(host({ instances: 2, model }), atMs(0, 0, 20), [kill(5)], 3);
    expect(outcomes(kept)).toEqual([failed, fine, fine]);
    expect(endedMs(kept)[1]).toBe(1000);
    const anew: Change[] = [
      kill(5),
      { atUs: 50e3, do: 'removeServer', server: 0, refusesOnTheWay: false },
      { atUs: 1500e3, do: 'addServer', server: 0 },
    ];
    expect(outcomes(run(host(), atMs(0, 1600), anew, 3))).toEqual([failed, fine]);
  });

  it('takes along the responses that it has not sent: nobody ends their requests', () => {
    const law = { mean: 3, law: 'constant', firstUs: 0, gapUs: 100e3 } as const;
    const decoupled = host({ model: { ...config('m', 1), decoupled: true }, more: { responses: law } });
    // The responses to the first come at 10, 110 and 210 ms, those to the second 200 ms later.
    const { log } = run(decoupled, atMs(0, 200, 500), [kill(300)], 4);
    expect(Array.from(log.outcome)).toEqual([fine, Outcome.unfinished, failed]);
    expect(Array.from(log.endedUs)).toEqual([210e3, Number.NaN, 1500e3]);
    expect(Array.from(log.responses!.count)).toEqual([3, 0, 0]);
  });

  it('ends the time that its model computes by itself', () => {
    const calls = [{ ownUs: 20e3 }, { ownUs: 30e3 }];
    // Of 60 ms each; the instance that stays alive goes on.
    const found = run(host({ instances: 2, more: { calls } }), atMs(0, 5, 200), [kill(40)], 3);
    expect(outcomes(found)).toEqual([failed, fine, fine]);
    expect(endedMs(found)).toEqual([1000, 65, 260]);
    expect(found.executions[0]!.byBatchSize[1]).toBe(2);
  });

  it('is named by an explanation', () => {
    const of = scenario([host({ instances: 2 })], [tenant('t', 'm', poisson('t', 120, 600))], 5, {
      changes: [kill(0)],
    });
    const codes = explainTenant(of, 't').explanation.causes.map(({ code }) => code);
    expect(codes).toContain('dead-process');
    expect(codes).toContain('lost-requests');
  });
});
