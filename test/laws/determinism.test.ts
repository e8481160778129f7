import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runApart } from '../../src/node/memory/run-apart.js';
import { simulateRead, simulateScenario } from '../../src/node/runs/run-scenario.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import type { ScenarioSpec } from '../../src/scenario/spec.js';
import { partition } from '../../src/simulator/partition.js';
import type { SimulationResult } from '../../src/simulator/result.js';
import { simulate } from '../../src/simulator/simulate.js';
import { cases, IS_SLOW, someOf } from '../support/cases.js';
import { expectClose } from '../support/close.js';
import { anyScenario } from './arbitrary-scenario.js';

describe('a scenario and its seed', () => {
  it.each([false, true])('give the same bytes every time (general event loop: %s)', (eventLoop) => {
    const property = fc.property(anyScenario(), (spec) => {
      expectSame(simulate(spec, { eventLoop }), simulate(structuredClone(spec), { eventLoop }));
    });
    fc.assert(property, { numRuns: cases(60) });
  });

  it('give another result under another seed where something is drawn', () => {
    const drawn = fc.sample(anyScenario(), { numRuns: 300, seed: 7 }).find(({ servers, tenants }) => {
      const { spread } = servers[0]!.models[0]!.instances[0]!.profile;
      return (
        spread.law === 'gamma' && tenants.some(({ model, load }) => model === 'm0' && load.mode === 'closed')
      );
    })!;
    const [one, two] = [1, 2].map((seed) => simulate({ ...drawn, seed }).log);
    expect(Array.from(one!.endedUs)).not.toEqual(Array.from(two!.endedUs));
  });

  it('give the same bytes on two threads as on one', async () => {
    const spec = manyComponents(IS_SLOW ? 8 : 5);
    expect(partition(spec).length).toBeGreaterThan(4);
    expectSame(await simulateScenario(spec, 2), simulate(spec));
  });

  it.each(someOf([2, 1]))(
    'give the same bytes where a large run has a thread of its own, and %d for its components',
    async (threads) => {
      const scenario = manyComponents(IS_SLOW ? 8 : 2);
      const argument = {
        path: 'many.yaml',
        read: { scenario, warnings: [], spec: {} as ScenarioSpec },
        options: { threads, bounds: false },
      };
      const worker = new URL('../../src/node/memory/threads/simulate-worker.js', import.meta.url);
      const large = { bytes: 3e8, certainBytes: 0 };
      const [apart, here] = [
        await runApart(large, simulateRead, worker, argument, {}),
        await simulateRead(argument),
      ];
      expect(apart.runs[0]!.figures).toEqual(here.runs[0]!.figures);
      expect(apart.report).toEqual(here.report);
      const logged = await simulateRead({ ...argument, options: { ...argument.options, log: true } });
      expect(logged.log).toEqual(simulate(scenario).log);
      // Sums over requests of all tenants go through them in another order.
      expectClose(here.report, logged.report, 'report');
    },
  );
});

/** Random scenarios side by side in one: components of a single model, and of several servers. */
function manyComponents(count: number): Scenario {
  const parts = fc.sample(anyScenario(), { numRuns: count, seed: 11 });
  const servers = parts.flatMap((part, i) =>
    part.servers.map((each) => ({ ...each, name: `${each.name}-${i}` })),
  );
  let before = 0;
  const tenants = parts.flatMap((part, i) => {
    const first = before;
    before += part.servers.length;
    return part.tenants.map((each) => ({
      ...each,
      name: `${each.name}-${i}`,
      targets: each.targets.map((target) => ({ ...target, server: target.server + first })),
    }));
  });
  return { ...parts[0]!, servers, tenants };
}

/** Every column of the log, and everything about executions, devices and hosts. */
function expectSame(a: SimulationResult, b: SimulationResult): void {
  expect(Object.keys(a.log)).toEqual(Object.keys(b.log));
  for (const key of Object.keys(a.log) as (keyof SimulationResult['log'])[]) {
    const [left, right] = [a.log[key], b.log[key]];
    if (ArrayBuffer.isView(left))
      expect(bytesOf(left).equals(bytesOf(right as Float64Array)), key).toBe(true);
    else expect(left).toEqual(right);
  }
  expect({ ...a, log: undefined }).toEqual({ ...b, log: undefined });
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
