import { expect } from 'vitest';
import { capacityOf } from '../../src/scenario/rate-limits.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { partition } from '../../src/simulator/partition.js';
import { simulateComponent } from '../../src/simulator/simulate.js';

/** Demands that no resource is ever held more often than there is of it. */
export function expectNoneOversubscribed(spec: Scenario): void {
  const plain = withoutOrdering(spec);
  const held = new Map<string, number>();
  for (const { server, pool, count } of resourceSteps(plain).sort(
    (a, b) => a.atNs - b.atNs || a.count - b.count,
  )) {
    const key = `${server} ${pool}`;
    held.set(key, (held.get(key) ?? 0) + count);
    expect(held.get(key)!).toBeLessThanOrEqual(capacity(plain, server, pool));
  }
}

/** When executions took so much from which pool of which server, and when they gave it back. */
function resourceSteps(spec: Scenario) {
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
      const { instances, engine, iterations } = spec.servers[server]!.models[model]!;
      // Steps of an engine are no executions that the limiter knows.
      if (engine !== undefined) return [];
      // A request of an iterative model is in several executions: each has its inference at least.
      if (iterations !== undefined) {
        startNs[execution] = executions.inferStartNs[execution]!;
        endNs[execution] = executions.inferEndNs[execution]! || Infinity;
      }
      const { limits } = instances[executions.instance[execution]!]!;
      return [...limits!.demand].flatMap(([pool, count]) => [
        { server, pool, atNs: startNs[execution]!, count },
        { server, pool, atNs: Math.max(startNs[execution]!, endNs[execution]!), count: -count },
      ]);
    });
  });
}

function capacity({ servers }: Scenario, server: number, pool: string): number {
  const { models, options } = servers[server]!;
  const demands = models.flatMap(({ instances }) => instances.map(({ limits }) => limits!.demand));
  return capacityOf(demands, options.rateLimit!.resources).get(pool)!;
}

/** Responses that wait for those of earlier executions keep no instance busy, but count as response time. */
export function withoutOrdering(spec: Scenario): Scenario {
  return mapModels(spec, (model) => {
    const { dynamicBatching } = model.config;
    if (dynamicBatching === undefined) return model;
    const config = { ...model.config, dynamicBatching: { ...dynamicBatching, preserveOrdering: false } };
    return { ...model, config };
  });
}

export type Model = Scenario['servers'][number]['models'][number];

export function mapModels(spec: Scenario, change: (model: Model) => Model): Scenario {
  return {
    ...spec,
    servers: spec.servers.map((server) => ({ ...server, models: server.models.map(change) })),
  };
}
