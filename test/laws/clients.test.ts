import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Load, Scenario } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import type { RequestLog } from '../../src/trace/request-log.js';
import { cases } from '../support/cases.js';
import { anyScenario } from './arbitrary-scenario.js';
import { rowsWhere } from './log.js';

/** Runs a law on every tenant of random scenarios whose load has that mode. */
function holds<Mode extends Load['mode']>(
  mode: Mode,
  law: (log: RequestLog, rows: readonly number[], load: Load & { mode: Mode }) => void,
): void {
  const property = fc.property(anyScenario({ loads: [mode, mode, 'open'] }), (spec: Scenario) => {
    const { log } = simulate(spec);
    for (const [t, { load }] of spec.tenants.entries()) {
      if (load.mode !== mode) continue;
      law(
        log,
        rowsWhere(log, (row) => log.tenant[row] === t),
        load as Load & { mode: Mode },
      );
    }
  });
  fc.assert(property, { numRuns: cases(100) });
}

describe('an open loop', () => {
  it('sends every request when it is planned', () => {
    holds('open', (log, rows, { trace }) => {
      expect(rows.map((row) => log.plannedUs[row])).toEqual(
        Array.from(trace.arrivalUs).filter((us) => us < log.endUs),
      );
      expect(rows.map((row) => log.sentUs[row])).toEqual(rows.map((row) => log.plannedUs[row]));
    });
  });
});

describe('a cap on requests in flight', () => {
  it('keeps the plan: requests are planned as the trace says, and leave in that order', () => {
    holds('capped', (log, rows, { trace }) => {
      expect(rows.map((row) => log.plannedUs[row])).toEqual(
        Array.from(trace.arrivalUs).filter((us) => us < log.endUs),
      );
      const sent = rows.map((row) => log.sentUs[row]!).filter((us) => !Number.isNaN(us));
      expect(sent).toEqual([...sent].sort((a, b) => a - b));
    });
  });

  it('lets a request leave later than planned only when an answer frees its place', () => {
    holds('capped', (log, rows, { pacing, maxInFlight }) => {
      if (pacing === 'gap') return;
      const answers = new Set(rows.map((row) => log.endedUs[row]));
      for (const [i, row] of rows.entries()) {
        if (!(log.sentUs[row]! > log.plannedUs[row]!)) continue;
        expect(i).toBeGreaterThanOrEqual(maxInFlight);
        expect(answers.has(log.sentUs[row])).toBe(true);
      }
    });
  });

  it('with pacing by gaps keeps at least the planned gap between any two requests', () => {
    holds('capped', (log, rows, { pacing, trace }) => {
      if (pacing !== 'gap') return;
      for (let i = 1; i < rows.length; i++) {
        const gapUs = log.sentUs[rows[i]!]! - log.sentUs[rows[i - 1]!]!;
        if (!Number.isNaN(gapUs))
          expect(gapUs).toBeGreaterThanOrEqual(trace.arrivalUs[i]! - trace.arrivalUs[i - 1]! - 1e-6);
      }
    });
  });
});

describe('a closed loop', () => {
  it('plans each request when it is sent: at the start, a think time after an answer, or a back-off after a refusal', () => {
    holds('closed', (log, rows, { concurrency, thinkTime, maxRequests }) => {
      expect(rows.length).toBeGreaterThanOrEqual(
        thinkTime.law === 'constant' ? Math.min(concurrency, maxRequests) : 0,
      );
      // A client that was refused backs off for a millisecond at least.
      const backOffUs = (row: number) => (log.outcome[row] === 0 ? 0 : 1000);
      const returns = rows.map((row) =>
        Math.round((log.endedUs[row]! + Math.max(thinkTime.meanUs, backOffUs(row))) * 1000),
      );
      for (const [i, row] of rows.entries()) {
        expect(log.sentUs[row]).toBe(log.plannedUs[row]);
        if (thinkTime.law !== 'constant' || i < concurrency) continue;
        expect(returns).toContain(Math.round(log.sentUs[row]! * 1000));
      }
    });
  });
});
