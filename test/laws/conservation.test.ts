import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { littleCheck } from '../../src/metrics/little.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { Outcome, type RequestLog } from '../../src/trace/request-log.js';
import { cases } from '../support/cases.js';
import { anyScenario } from './arbitrary-scenario.js';
import { anyLimitedScenario } from './limited-scenario.js';
import { completedRows, rowsByExecution, rowsWhere } from './log.js';

/** Runs the property on random scenarios, by the short ways and by the general event loop. */
function holds(law: (log: RequestLog, scenario: Scenario) => void, numRuns = 150): void {
  const any = fc.oneof(
    { weight: 3, arbitrary: anyScenario() },
    { weight: 1, arbitrary: anyLimitedScenario() },
  );
  const property = fc.property(any, fc.boolean(), (scenario, eventLoop) => {
    law(simulate(scenario, { eventLoop }).log, scenario);
  });
  fc.assert(property, { numRuns: cases(numRuns) });
}

/** Requests that the tenant's load plans before the end of the run; undefined where answers decide. */
function planned({ durationUs, tenants }: Scenario, tenant: number): number | undefined {
  const { load } = tenants[tenant]!;
  return load.mode === 'closed' ? undefined : load.trace.arrivalUs.filter((us) => us < durationUs).length;
}

describe('whatever the scenario', () => {
  it('every planned request is in the log once, on a server of its tenant, and is completed, rejected, timed out or unfinished', () => {
    holds((log, scenario) => {
      for (const [t, { load, targets }] of scenario.tenants.entries()) {
        const rows = rowsWhere(log, (row) => log.tenant[row] === t);
        expect(rows.length).toBe(planned(scenario, t) ?? rows.length);
        const servers = targets.map(({ server }) => server);
        if (load.mode === 'closed') expect(rows.length).toBeLessThanOrEqual(load.maxRequests);
        for (const row of rows) {
          expect([0, 1, 2, 3]).toContain(log.outcome[row]);
          expect(servers).toContain(log.server[row]);
          expect(log.outcome[row] === Outcome.unfinished).toBe(Number.isNaN(log.endedUs[row]!));
          expect(log.endedUs[row]! > log.endUs).toBe(false);
        }
      }
    });
  });

  it('every execution has the inferences of its requests, no more than max_batch_size, and is counted', () => {
    fc.assert(
      fc.property(anyScenario(), fc.boolean(), (scenario, eventLoop) => {
        const { log, executions } = simulate(scenario, { eventLoop });
        const counted = executions.map(() => new Map<number, number>());
        for (const rows of rowsByExecution(log).values()) {
          const [first] = rows;
          const batch = rows.reduce((sum, row) => sum + log.batchSize[row]!, 0);
          const { targets } = scenario.tenants[log.tenant[first!]!]!;
          const { server, model } = targets.find((target) => target.server === log.server[first!])!;
          expect(batch).toBeLessThanOrEqual(scenario.servers[server]!.models[model]!.config.maxBatchSize);
          for (const row of rows) {
            expect(log.calls.executedBatch[row]).toBe(batch);
            expect(log.calls.startedUs[row]).toBe(log.calls.startedUs[first!]);
            expect(log.server[row]).toBe(server);
          }
          const counts = counted[server * scenario.servers[0]!.models.length + model]!;
          counts.set(batch, (counts.get(batch) ?? 0) + 1);
        }
        for (const [i, counts] of counted.entries()) {
          const sizes = executions[i]!.byBatchSize;
          expect(new Map([...sizes.entries()].filter(([, count]) => count > 0))).toEqual(
            new Map([...counts].sort(([a], [b]) => a - b)),
          );
        }
      }),
      { numRuns: cases(150) },
    );
  });

  it('only requests that were started can complete, and none of those was refused', () => {
    holds((log) => {
      for (const row of log.tenant.keys()) {
        const started = log.calls.execution[row]! >= 0;
        expect(Number.isNaN(log.calls.startedUs[row]!)).toBe(!started);
        if (log.outcome[row] === Outcome.completed) expect(started).toBe(true);
        if (log.outcome[row] === Outcome.rejected || log.outcome[row] === Outcome.timedOut)
          expect(started).toBe(false);
      }
    });
  });

  it('times never go back: planned, sent, queued, started, ended; and the log is in planned order', () => {
    holds((log) => {
      for (const row of log.tenant.keys()) {
        const times = [log.plannedUs, log.sentUs, log.calls.queuedUs, log.calls.startedUs, log.endedUs].map(
          (column) => column[row]!,
        );
        const known = times.filter((us) => !Number.isNaN(us));
        expect(known).toEqual([...known].sort((a, b) => a - b));
        if (row > 0) expect(log.plannedUs[row]).toBeGreaterThanOrEqual(log.plannedUs[row - 1]!);
      }
    });
  });

  it('the parts of a completed request add up to its latency within 2 microseconds', () => {
    holds((log) => {
      for (const row of completedRows(log)) {
        const phases = [
          log.calls.inputUs,
          log.calls.inferUs,
          log.calls.outputUs,
          log.calls.responseUs,
          log.frontEndUs,
          log.networkUs,
        ];
        const waited =
          log.sentUs[row]! - log.plannedUs[row]! + log.calls.startedUs[row]! - log.calls.queuedUs[row]!;
        const sum = phases.reduce((total, column) => total + column[row]!, waited);
        expect(Math.min(...phases.map((column) => column[row]!))).toBeGreaterThanOrEqual(0);
        expect(Math.abs(sum - (log.endedUs[row]! - log.plannedUs[row]!))).toBeLessThan(2);
      }
    });
  });

  it("Little's law holds to rounding", () => {
    holds((log) => {
      expect(littleCheck(log).relativeGap).toBeLessThan(1e-5);
    });
  });
});
