import { describe, expect, it } from 'vitest';
import type { InstanceLimits } from '../../../src/scenario/scenario.js';
import { RateLimiter } from '../../../src/simulator/server/rate-limiter.js';

const needs = (count: number, priority = 1): InstanceLimits => ({
  demand: new Map([['0 r', count]]),
  priority,
});

/** Models by the needs of their instances; what is granted, in order, as `model instance payload`. */
function limiterOf(total: number, ...models: InstanceLimits[][]) {
  const limiter = new RateLimiter({ resources: [{ name: 'r', count: total }] });
  const granted: string[] = [];
  const all = models.map((instances, m) => {
    const model = limiter.add(instances, () => {
      for (const [instance, payload] of model.granted) granted.push(`${m} ${instance} ${payload}`);
      model.granted.clear();
    });
    return model;
  });
  return { limiter, granted, models: all };
}

describe('a rate limiter', () => {
  it('looks at the first only: one that does not fit has others wait that would', () => {
    const { granted, models } = limiterOf(4, [needs(3)], [needs(2)], [needs(1, 2)]);
    models[0]!.request(1, 0);
    models[1]!.request(2, 0);
    models[2]!.request(3, 0);
    expect(granted).toEqual(['0 0 1']);
  });

  it('gives two payloads resources at a release, and no third though it would fit', () => {
    const { granted, models } = limiterOf(4, [needs(4)], [needs(1)], [needs(1)], [needs(1)]);
    for (const [m, model] of models.entries()) model.request(m, 0);
    models[0]!.request(9, 0);
    granted.length = 0;
    // Its own next payload is staged behind those of the others, which is one look; the release is another.
    models[0]!.release(0, 1);
    expect(granted).toEqual(['1 0 1', '3 0 3']);
  });

  it('has those that executed as often in the order of a priority queue of C++ (seen on Triton 24.10)', () => {
    const { granted, models } = limiterOf(1, ...Array.from({ length: 5 }, () => [needs(1)]));
    for (const [m, model] of models.entries()) model.request(m, m);
    for (let ns = 5; ns < 9; ns++) models[Number(granted.at(-1)![0])]!.release(0, ns);
    expect(granted.map(([m]) => m).join('')).toBe('01324');
  });

  it('takes the instance that has executed least, times its priority', () => {
    const { granted, models } = limiterOf(1, [needs(1, 3), needs(1)]);
    for (let payload = 0; payload < 4; payload++) models[0]!.request(payload, 0);
    for (const _ of granted.slice()) models[0]!.release(Number(granted.at(-1)!.split(' ')[1]), 1);
    expect(granted[0]).toBe('0 1 0');
  });

  it('prefers a model that was just loaded until it has caught up', () => {
    const { limiter, granted, models } = limiterOf(1, [needs(1)]);
    for (let payload = 0; payload < 5; payload++) {
      models[0]!.request(payload, payload);
      models[0]!.release(0, payload);
    }
    const loaded = limiter.add([needs(1)], () => granted.push('loaded'));
    granted.length = 0;
    models[0]!.request(5, 9);
    models[0]!.release(0, 10);
    models[0]!.request(6, 11);
    loaded.request(0, 11);
    loaded.request(1, 11);
    models[0]!.request(7, 11);
    for (let ns = 12; ns < 15; ns++) {
      if (granted.at(-1) === 'loaded') loaded.release(0, ns);
      else models[0]!.release(0, ns);
    }
    expect(granted).toEqual(['0 0 5', '0 0 6', 'loaded', 'loaded', '0 0 7']);
  });

  it('says for which share of a run a model waited for resources', () => {
    const { models } = limiterOf(1, [needs(1)], [needs(1)]);
    models[0]!.request(0, 0);
    models[1]!.request(0, 20);
    models[0]!.release(0, 50);
    expect(models.map((model) => model.waitingShare(100))).toEqual([0, 0.3]);
  });
});
