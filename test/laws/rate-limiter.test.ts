import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capacityOf } from '../../src/scenario/rate-limits.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { partition } from '../../src/simulator/partition.js';
import { simulate, simulateComponent } from '../../src/simulator/simulate.js';
import { cases } from '../support/cases.js';
import { anyLimitedScenario } from './limited-scenario.js';

/** When executions took so much from which pool of which server, and when they gave it back. */
function steps(spec: Scenario) {
  return partition(spec).flatMap((component) => {
    const { requests, executions } = simulateComponent(spec, component);
    const endNs = new Float64Array(executions.length);
    const startNs = new Float64Array(executions.length);
    for (let row = 0; row < requests.length; row++) {
      const execution = requests.execution[row]!;
      if (execution < 0) continue;
      startNs[execution] = requests.startedNs[row]!;
      const builtNs = startNs[execution]! + responseEndUs(row) * 1000;
      // Where the run ends first it holds what it has. Times of phases are kept in 32 bits.
      const isDone = !Number.isNaN(executions.inferEndNs[execution]!);
      endNs[execution] = Math.max(endNs[execution]!, isDone ? builtNs - 100 : Infinity);
    }
    function responseEndUs(row: number): number {
      return (
        requests.inputUs[row]! + requests.inferUs[row]! + requests.outputUs[row]! + requests.responseUs[row]!
      );
    }
    return Array.from(startNs.keys()).flatMap((execution) => {
      const { server, model } = component.served[executions.model[execution]!]!;
      const { limits } = spec.servers[server]!.models[model]!.instances[executions.instance[execution]!]!;
      return [...limits!.demand].flatMap(([pool, count]) => [
        { server, pool, atNs: startNs[execution]!, count },
        { server, pool, atNs: Math.max(startNs[execution]!, endNs[execution]!), count: -count },
      ]);
    });
  });
}

describe('a rate limiter', () => {
  it('never gives more of a resource than there is', () => {
    const property = fc.property(anyLimitedScenario({ pipelined: false, policies: false }), (spec) => {
      const plain = withoutOrdering(spec);
      const held = new Map<string, number>();
      for (const { server, pool, count } of steps(plain).sort(
        (a, b) => a.atNs - b.atNs || a.count - b.count,
      )) {
        const key = `${server} ${pool}`;
        held.set(key, (held.get(key) ?? 0) + count);
        expect(held.get(key)!).toBeLessThanOrEqual(capacity(plain, server, pool));
      }
    });
    fc.assert(property, { numRuns: cases(150) });
  });

  it('that has enough of all changes nothing for models of one instance', () => {
    const property = fc.property(anyLimitedScenario({ policies: false, spread: false }), (spec) => {
      const plenty = unbatched(spec, { resources: 'abc'.split('').map((name) => ({ name, count: 1e6 })) });
      const [limited, free] = [simulate(plenty), simulate(unbatched(spec, undefined))];
      expect(limited.log.endedUs).toEqual(free.log.endedUs);
    });
    fc.assert(property, { numRuns: cases(150) });
  });
});

function capacity({ servers }: Scenario, server: number, pool: string): number {
  const { models, options } = servers[server]!;
  const demands = models.flatMap(({ instances }) => instances.map(({ limits }) => limits!.demand));
  return capacityOf(demands, options.rateLimit!.resources).get(pool)!;
}

/** Responses that wait for those of earlier executions count as response time of theirs. */
function withoutOrdering(spec: Scenario): Scenario {
  return mapModels(spec, (model) => {
    const { dynamicBatching } = model.config;
    if (dynamicBatching === undefined) return model;
    const config = { ...model.config, dynamicBatching: { ...dynamicBatching, preserveOrdering: false } };
    return { ...model, config };
  });
}

/** One instance for each model, which executes each request alone. */
function unbatched(spec: Scenario, rateLimit: Scenario['servers'][number]['options']['rateLimit']): Scenario {
  const one = mapModels(spec, ({ config: { dynamicBatching: _, ...config }, instances, ...model }) => ({
    ...model,
    config,
    instances: instances.slice(0, 1),
  }));
  return {
    ...one,
    servers: one.servers.map(({ options: { rateLimit: __, ...options }, ...server }) => ({
      ...server,
      options: { ...options, ...(rateLimit && { rateLimit }) },
    })),
  };
}

type Model = Scenario['servers'][number]['models'][number];

function mapModels(spec: Scenario, change: (model: Model) => Model): Scenario {
  return {
    ...spec,
    servers: spec.servers.map((server) => ({ ...server, models: server.models.map(change) })),
  };
}
