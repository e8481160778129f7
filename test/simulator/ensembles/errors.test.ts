import { expect, it } from 'vitest';
import type { Change } from '../../../src/scenario/changes.js';
import type { Ensemble } from '../../../src/scenario/composition.js';
import { NO_QUEUE_POLICY } from '../../../src/scenario/model-config.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { callsOf } from '../../../src/trace/calls.js';
import { Outcome } from '../../../src/trace/request-log.js';
import { arrivals, config, profile, scenario, server, tenant } from '../../support/scenario.js';

/** Steps that all take what the client sent. */
function besideEachOther(models: readonly number[]): Ensemble {
  return {
    steps: models.map((model, step) => ({ model, needs: [0], gives: [step + 1] })),
    inputs: 1,
    tensors: models.length + 1,
    outputs: new Map(models.map((_, step) => [`OUT${step}`, step + 1])),
  };
}

const front = (name: string, ensemble: Ensemble) => ({
  config: config(name, 1),
  profile: profile(name, 0, 0),
  instances: 0,
  more: { ensemble },
});

/** Models 0 and 1 of 10 and 30 ms, of which the first refuses all but one that wait, and ensembles. */
function run(
  version: string,
  [ensembles, asked]: readonly [readonly Ensemble[], number],
  changes: readonly Change[] = [],
) {
  const limited = config('limited', 1, { defaultQueuePolicy: { ...NO_QUEUE_POLICY, maxQueueSize: 1 } });
  const place = server('s', {
    devices: 2,
    models: [
      { config: limited, profile: profile('limited', 10, 0) },
      { config: config('slow', 1), profile: profile('slow', 30, 0), device: 1 },
      ...ensembles.map((ensemble, i) => front(`e${i}`, ensemble)),
    ],
  });
  const options = { ...place.options, tritonVersion: version };
  const load = arrivals([0, 1000, 2000]);
  const tenants = [tenant('t', `e${asked - 2}`, load, { targets: [{ server: 0, model: asked }] })];
  return simulate(scenario([{ ...place, options }], tenants, 1, { changes }));
}

const namesOf = ({ log }: ReturnType<typeof run>, request: number) =>
  callsOf(log, request).map((call) => log.calls.models[log.calls.model[call]!]!.name);

// The inner ensemble is model 2, the outer one calls it first.
it.each([
  { version: '24.10', inner: [0], called: ['e1', 'e0', 'limited'] },
  { version: '26.02', inner: [0], called: ['e1', 'e0', 'limited'] },
  { version: '24.10', inner: [1, 0], called: ['e1', 'e0', 'slow', 'limited'] },
  // Its error comes only when its other step has ended.
  { version: '26.02', inner: [1, 0], called: ['e1', 'e0', 'slow', 'limited', 'slow'] },
])(
  'no step is called after an ensemble that has its error at once ($version, steps $inner)',
  ({ version, inner, called }) => {
    const found = run(version, [[besideEachOther(inner), besideEachOther([2, 1])], 3]);
    expect(found.log.outcome[2]).toBe(Outcome.rejected);
    expect(namesOf(found, 2)).toEqual(called);
  },
);

it('a server that is removed executes the steps of requests that have had their error', () => {
  const remove: Change = { atUs: 5000, do: 'removeServer', server: 0, refusesOnTheWay: false };
  const found = run('24.10', [[besideEachOther([1, 0])], 2], [remove]);
  expect(Array.from(found.log.outcome)).toEqual([Outcome.completed, Outcome.completed, Outcome.rejected]);
  expect(found.executions.map(({ byBatchSize }) => byBatchSize[1])).toEqual([2, 3, 0]);
  // The third request has its error at 2 ms; its other step ends at 90 ms, in a run of 1 s.
  expect(found.hosts[0]!.presentShare).toBeCloseTo(0.09, 12);
});
