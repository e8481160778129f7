import { describe, expect, it } from 'vitest';
import type { Experiment } from '../../../src/calibrate/experiment.js';
import type { PairFit } from '../../../src/calibrate/fit/interference/interference.js';
import { sideInTurns, slowdownOf } from '../../../src/calibrate/fit/interference/side-by-side.js';
import { refineSlowdowns } from '../../../src/calibrate/fit/interference/slowdowns-by-replay.js';
import type { ModelProfile } from '../../../src/profile/profile.js';
import { config, profile } from '../../support/scenario.js';
import { type KnownServer, SERVING, simulatedObservation } from './simulated-observations.js';

const TRUE = { network: 1.2, small: 1.3 };
/** Small requests of which each takes the cores of both models for as long as it executes, and a network of few. */
const SERVED_SMALL = { ...SERVING, requestCpuUs: 300, clientCpuUs: 300 };

function server(slowdowns: typeof TRUE): KnownServer {
  const one = (name: 'network' | 'small', other: string, inferMs: number) => ({
    config: config(name, 1),
    profile: profile(name, inferMs, 0, {
      device: 'CPU',
      hostCores: { input: 0, infer: 1, output: 0, response: 0 },
      spread: { law: 'lognormal', cv: 0.05 },
      interference: { pairs: [{ model: other, slowdown: slowdowns[name] }] },
      serving: name === 'small' ? SERVED_SMALL : SERVING,
    } satisfies Partial<ModelProfile>),
  });
  return { models: [one('network', 'small', 8), one('small', 'network', 1)], serving: SERVING };
}

const POINT: Experiment = {
  kind: 'together',
  id: 'network/together-with-small',
  model: 'network',
  other: 'small',
  busyShare: 0.4,
};
const POINT_OF_BOTH = simulatedObservation(server(TRUE), POINT, 60);

/** What the turns show as a whole. */
function whole(): PairFit {
  const network = sideInTurns(POINT_OF_BOTH.turns!, 'network', 'first')!;
  const small = sideInTurns(POINT_OF_BOTH.turns!, 'small', 'second')!;
  const both = {
    slowdown: slowdownOf(network, small.busyShare),
    otherSlowdown: slowdownOf(small, network.busyShare),
  };
  return { model: 'network', other: 'small', ...both, turns: false };
}

function fittedWith({ slowdown, otherSlowdown }: PairFit) {
  return server({ network: slowdown, small: otherSlowdown }).models;
}

describe('what two models did to each other, as their turns show it', () => {
  const pair = whole();
  const [refined] = refineSlowdowns([POINT_OF_BOTH], fittedWith(pair), [pair]);

  it('holds what the requests of the other took of the cores', () => {
    expect(pair.slowdown).toBeGreaterThan(TRUE.network + 0.05);
  });

  it('is brought to what the executions of the other cost', () => {
    expect(Math.abs(refined!.slowdown - TRUE.network)).toBeLessThan(0.05);
    expect(Math.abs(refined!.otherSlowdown - TRUE.small)).toBeLessThan(0.05);
  });

  it('is the same whichever of the two is named first', () => {
    const { slowdown, otherSlowdown } = pair;
    const swapped: PairFit = {
      ...pair,
      model: 'small',
      other: 'network',
      slowdown: otherSlowdown,
      otherSlowdown: slowdown,
    };
    const [again] = refineSlowdowns([POINT_OF_BOTH], fittedWith(pair), [swapped]);
    expect([again!.otherSlowdown, again!.slowdown]).toEqual([refined!.slowdown, refined!.otherSlowdown]);
  });
});

describe('a pair stays as it is', () => {
  const pair = whole();

  it('where the two take turns', () => {
    const turns = { ...pair, turns: true };
    expect(refineSlowdowns([POINT_OF_BOTH], fittedWith(pair), [turns])[0]).toBe(turns);
  });

  it('where neither slowed the other', () => {
    const none = { ...pair, slowdown: 1, otherSlowdown: 1 };
    expect(refineSlowdowns([POINT_OF_BOTH], fittedWith(none), [none])[0]).toBe(none);
  });

  it('where it was measured under closed-loop clients only, or one of the two was not fitted', () => {
    expect(refineSlowdowns([], fittedWith(pair), [pair])[0]).toBe(pair);
    expect(refineSlowdowns([POINT_OF_BOTH], fittedWith(pair).slice(1), [pair])[0]).toBe(pair);
  });
});
