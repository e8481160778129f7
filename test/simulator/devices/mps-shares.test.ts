import { describe, expect, it } from 'vitest';
import type { Load } from '../../../src/scenario/scenario.js';
import { mpsLaw } from '../../../src/simulator/resources/sharing.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { Outcome } from '../../../src/trace/request-log.js';
import { config, profile, scenario, server, tenant } from '../../support/scenario.js';

const SERVICE_MS = 10;
const DURATION_S = 20;

const EIGHT_CLIENTS: Load = {
  mode: 'closed',
  concurrency: 8,
  thinkTime: { law: 'constant', meanUs: 0 },
  maxRequests: Number.POSITIVE_INFINITY,
};

interface Served {
  readonly share: number;
  readonly instances: number;
}

/** Executions per second of each model, as a share of what the whole GPU does; all have closed-loop clients enough to be always busy. */
function sharesTaken(served: readonly Served[]): number[] {
  const names = served.map((_, i) => `m${i}`);
  const models = served.map(({ instances }, i) => ({
    config: config(names[i]!, 1),
    profile: profile(names[i]!, SERVICE_MS, 0),
    instances,
  }));
  const shares = new Map(served.map(({ share }, i) => [names[i]!, share]));
  const closedLoopClients = served.map((_, model) =>
    tenant(names[model]!, names[model]!, EIGHT_CLIENTS, { targets: [{ server: 0, model }] }),
  );
  const gpu = server('s', { models, sharing: { mode: 'mps', shares } });
  const { log } = simulate(scenario([gpu], closedLoopClients, DURATION_S));
  return served.map((_, model) => {
    const completed = log.outcome.filter(
      (outcome, row) => outcome === Outcome.completed && log.tenant[row] === model,
    ).length;
    return (completed * SERVICE_MS) / 1000 / DURATION_S;
  });
}

describe('a share of the multiprocessors under MPS', () => {
  it.each([1, 2, 4])('is a cap on a model that is alone, also with %d instances', (instances) => {
    expect(sharesTaken([{ share: 0.25, instances }])[0]).toBeCloseTo(0.25, 2);
  });

  it('is kept by a model beside one with more instances', () => {
    const [many, one] = sharesTaken([
      { share: 0.5, instances: 3 },
      { share: 0.5, instances: 1 },
    ]);
    expect(many).toBeCloseTo(0.5, 2);
    expect(one).toBeCloseTo(0.5, 2);
  });

  it.each([
    ['is divided evenly by the executions of its model', [0, 0, 1], [0.25, 0.25, 0.25]],
    ['counts once where shares exceed the device', [0, 2, 0], [1 / 6, 2 / 3, 1 / 6]],
    ['is no larger for being alone', [1], [0.25]],
  ])('%s', (_, kind, speeds) => {
    const law = mpsLaw([0.5, 0.25, 1]);
    const found = new Float64Array(kind.length);
    // Twice: what ran before leaves nothing behind.
    for (const _ of [1, 2]) law({ length: kind.length, kind, fill: kind.map(() => 1) }, found);
    expect(Array.from(found)).toEqual(speeds.map((speed) => expect.closeTo(speed, 12)));
  });
});
