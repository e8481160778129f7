import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { ComponentSetup } from '../../src/simulator/component-run.js';
import { areFastPaths } from '../../src/simulator/open-loop/fast-paths.js';
import { partition } from '../../src/simulator/partition.js';
import { simulateComponent } from '../../src/simulator/simulate.js';
import { cases } from '../support/cases.js';
import { anyScenario } from './arbitrary-scenario.js';
import { mostAtOnce } from './log.js';
import { withoutOrdering } from './resource-use.js';

/** One execution with the instance that ran it, in nanoseconds; NaN where the run ended first. */
interface Execution {
  /** Server, model and instance. */
  readonly place: string;
  readonly startNs: number;
  readonly inferNs: readonly [from: number, to: number];
  /** When the last of its responses was built, as far as it came before the end of the run. */
  readonly endNs: number;
  readonly requests: readonly Request[];
}

interface Request {
  readonly queuedNs: number;
  readonly startNs: number;
}

function executionsOf(spec: Scenario, eventLoop: boolean): Execution[] {
  return partition(spec).flatMap((component) => {
    const { requests, executions } = simulateComponent(spec, component, { eventLoop });
    const rows = Array.from({ length: executions.length }, (): number[] => []);
    for (let row = 0; row < requests.length; row++) rows[requests.execution[row]!]?.push(row);
    return rows.map((own, i) => {
      const { server, model } = component.served[executions.model[i]!]!;
      const computed = (row: number) =>
        Math.round((requests.inputUs[row]! + requests.inferUs[row]! + requests.outputUs[row]!) * 1000);
      const startNs = requests.startedNs[own[0]!]!;
      const responseNs = own.map((row) => Math.round(requests.responseUs[row]! * 1000));
      const inferred = !Number.isNaN(executions.inferEndNs[i]!);
      return {
        place: `${server} ${model} ${executions.instance[i]}`,
        startNs,
        inferNs: [executions.inferStartNs[i]!, executions.inferEndNs[i]!],
        endNs: inferred ? startNs + computed(own[0]!) + Math.max(...responseNs) : Number.NaN,
        requests: own.map((row) => ({
          queuedNs: requests.queuedNs[row]!,
          startNs: requests.startedNs[row]!,
        })),
      };
    });
  });
}

/** In groups of the same key, each in the order of the executions. */
function grouped(executions: readonly Execution[], key: (execution: Execution) => string): Execution[][] {
  const groups = new Map<string, Execution[]>();
  for (const execution of executions) {
    const group = groups.get(key(execution)) ?? [];
    groups.set(key(execution), group);
    group.push(execution);
  }
  return [...groups.values()];
}

const instanceOf = ({ place }: Execution) => place;
const modelOf = ({ place }: Execution) => place.slice(0, place.lastIndexOf(' '));

describe('an instance', () => {
  it('runs its executions one after the other: the next starts when all responses of the last are built', () => {
    const property = fc.property(anyScenario({ pipelined: false }), fc.boolean(), (spec, eventLoop) => {
      for (const executions of grouped(executionsOf(withoutOrdering(spec), eventLoop), instanceOf)) {
        for (const [i, { startNs }] of executions.entries()) {
          // Phases are kept in 32 bits: a tenth of a microsecond of slack.
          if (i > 0) expect(startNs).toBeGreaterThanOrEqual(executions[i - 1]!.endNs - 100);
        }
      }
    });
    fc.assert(property, { numRuns: cases(100) });
  });

  it('that pipelines has at most two executions under way, and one that infers', () => {
    const property = fc.property(anyScenario(), fc.boolean(), (spec, eventLoop) => {
      for (const executions of grouped(executionsOf(withoutOrdering(spec), eventLoop), instanceOf)) {
        expect(
          mostAtOnce(executions.map(({ startNs, endNs }) => [startNs + 100, endNs])),
        ).toBeLessThanOrEqual(2);
        const inferring = executions.map(({ inferNs }) => inferNs).filter(([from]) => from > 0);
        expect(mostAtOnce(inferring)).toBeLessThanOrEqual(1);
      }
    });
    fc.assert(property, { numRuns: cases(100) });
  });

  it('is one of as many as the model has', () => {
    const property = fc.property(anyScenario(), (spec) => {
      for (const { place } of executionsOf(spec, false)) {
        const [server, model, instance] = place.split(' ').map(Number);
        expect(instance).toBeLessThan(spec.servers[server!]!.models[model!]!.instances.length);
      }
    });
    fc.assert(property, { numRuns: cases(50) });
  });
});

describe('the queue of a model', () => {
  it('is first in, first out where there are no priorities and no DELAY timeouts', () => {
    const property = fc.property(anyScenario({ policies: false }), fc.boolean(), (spec, eventLoop) => {
      for (const requests of requestsByModel(spec, eventLoop)) {
        for (let i = 1; i < requests.length; i++)
          expect(requests[i]!.queuedNs).toBeGreaterThanOrEqual(requests[i - 1]!.queuedNs);
      }
    });
    fc.assert(property, { numRuns: cases(100) });
  });
});

/** Requests of each served model in the order in which they started; within an execution by arrival. */
function requestsByModel(spec: Scenario, eventLoop: boolean): Request[][] {
  return grouped(executionsOf(spec, eventLoop), modelOf).map((executions) =>
    executions
      .flatMap(({ requests }) => requests)
      .sort((a, b) => a.startNs - b.startNs || a.queuedNs - b.queuedNs),
  );
}

it('the random scenarios reach both ways of simulating a component', () => {
  const specs = fc.sample(anyScenario(), { numRuns: 200, seed: 3 });
  const fastPaths = specs.flatMap((spec) =>
    partition(spec).map((component) =>
      areFastPaths(new ComponentSetup(spec, component, new RandomStreams(1))),
    ),
  );
  expect(new Set(fastPaths)).toEqual(new Set([true, false]));
});
