import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { summarizeRun } from '../../src/report/build-report.js';
import type { Scenario, Tenant } from '../../src/scenario/scenario.js';
import { ResponseCache } from '../../src/simulator/event-loop/response-cache.js';
import type { SimulationResult } from '../../src/simulator/result.js';
import { simulate } from '../../src/simulator/simulate.js';
import { callEndedUs, callsOf } from '../../src/trace/calls.js';
import { Outcome } from '../../src/trace/request-log.js';
import { cases } from '../support/cases.js';
import { anyFullScenario, CACHE_BYTES, HEARD, SEQUENCES } from './full-scenario.js';
import { expectNoneOversubscribed } from './resource-use.js';
import { checkRun } from './run-laws.js';

interface Run {
  readonly of: Scenario;
  readonly result: SimulationResult;
  /** Bytes that a cache held, at most. */
  readonly cacheBytes: number;
}

let ran: readonly Run[] | undefined;

/** Simulated once for all laws. */
function runs(): readonly Run[] {
  ran ??= fc.sample(anyFullScenario(), { numRuns: cases(100), seed: 1 }).map(run);
  return ran;
}

function run(of: Scenario): Run {
  const { keep } = ResponseCache.prototype;
  let cacheBytes = 0;
  const spy = vi.spyOn(ResponseCache.prototype, 'keep').mockImplementation(function (
    this: ResponseCache,
    ...kept
  ) {
    const result = keep.apply(this, kept);
    cacheBytes = Math.max(cacheBytes, this.bytes);
    return result;
  });
  try {
    return { of, result: simulate(of), cacheBytes };
  } finally {
    spy.mockRestore();
  }
}

/** Calls that requests of a tenant made, itself first, by request. */
function callsOfTenant({ result: { log } }: Run, name: string): { row: number; calls: number[] }[] {
  const t = log.tenants.indexOf(name);
  return [...log.tenant.keys()]
    .filter((row) => log.tenant[row] === t)
    .map((row) => ({ row, calls: callsOf(log, row) }));
}

describe('scenarios with ensembles, calls, limits, a cache, sequences, streams, iterations and an engine at once', () => {
  it('keep all laws of runs', () => {
    for (const { of, result } of runs()) checkRun(of, result);
  });

  it('execute each sequence in order, one request after the other', () => {
    for (const one of runs()) {
      const { calls } = one.result.log;
      const { load } = one.of.tenants.find(({ name }) => name === SEQUENCES)!;
      if (load.mode === 'closed') throw new Error('sequences are open loop');
      const freeUs = new Map<number, number>();
      for (const [i, { calls: own }] of callsOfTenant(one, SEQUENCES).entries()) {
        const startedUs = calls.startedUs[own[0]!]!;
        if (Number.isNaN(startedUs)) continue;
        const id = load.trace.sequenceId![i]!;
        expect(startedUs).toBeGreaterThanOrEqual(freeUs.get(id) ?? 0);
        // After one that the end of the run cuts off none can follow. Times of phases are kept in 32 bits.
        const endedUs = callEndedUs(calls, own[0]!);
        freeUs.set(id, Number.isNaN(endedUs) ? Infinity : endedUs - 0.1);
      }
    }
  });

  it('hold no more in a cache than it has room for, be it of answers or of tokens', () => {
    const held = runs().map(({ cacheBytes }) => cacheBytes);
    expect(Math.max(...held)).toBeLessThanOrEqual(CACHE_BYTES);
    expect(Math.max(...held)).toBeGreaterThan(CACHE_BYTES / 2);
    const shares = runs().flatMap(({ of: scenario, result }) =>
      summarizeRun({ scenario, result }).models.flatMap(({ kvCache }) => kvCache?.usedShare.most ?? []),
    );
    expect(Math.max(...shares)).toBeLessThanOrEqual(1);
    expect(Math.max(...shares)).toBeGreaterThan(0.9);
  });

  it('give a stream as many responses as its last step was called', () => {
    let streams = 0;
    for (const one of runs()) {
      const { responses, outcome, endedUs } = one.result.log;
      for (const { row, calls } of [...callsOfTenant(one, 'streamed'), ...callsOfTenant(one, HEARD)]) {
        if (outcome[row] !== Outcome.completed) continue;
        // The ensemble, the decoupled step, and a call for each of its responses.
        expect(responses!.count[row]).toBe(calls.length - 2);
        if (responses!.count[row]! > 0)
          expect(responses!.firstUs[row]!).toBeLessThanOrEqual(endedUs[row]! + 1e-3);
        streams++;
      }
    }
    expect(streams).toBeGreaterThan(runs().length);
  });

  it('give no more of a resource than there is', () => {
    const any = anyFullScenario({ pipelined: false, policies: false });
    fc.assert(fc.property(any, expectNoneOversubscribed), { numRuns: cases(60) });
  });

  it('go the same way whether requests are known before the run or clients might wait for answers', () => {
    const anyKnown = anyFullScenario({ loads: ['open'] }).map(knownBefore);
    const property = fc.property(anyKnown, (of) => {
      const heeding = { ...of, tenants: of.tenants.map(mightWait) };
      const known = simulate(of, { eventLoop: true });
      expect(simulate(heeding)).toEqual(known);
    });
    fc.assert(property, { numRuns: cases(40), seed: 3 });
  });
});

/** As `of`, without what makes requests depend on others on their way in. */
function knownBefore(of: Scenario): Scenario {
  const { changes: _, ...still } = of;
  const tenants = of.tenants.map((each) => ({ ...each, targets: each.targets.slice(0, 1) }));
  return { ...still, tenants };
}

function mightWait(of: Tenant): Tenant {
  const { load } = of;
  if (load.mode !== 'open') throw new Error(`tenant ${of.name} is not an open loop`);
  return { ...of, load: { ...load, mode: 'capped', maxInFlight: 1e9, latencyFrom: 'planned' } };
}
