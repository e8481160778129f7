import { describe, expect, it } from 'vitest';
import { allRows } from '../../src/metrics/columns.js';
import { judgeStability } from '../../src/metrics/stability.js';
import { Outcome } from '../../src/trace/request-log.js';
import { buildLog, cutAt, mm1Log, type QueueOptions, type TestRequest } from './log-builder.js';

function verdicts(options: Omit<QueueOptions, 'seed'>, runs = 20): Record<string, number> {
  const counts: Record<string, number> = { stable: 0, backlogged: 0, overloaded: 0 };
  for (let seed = 0; seed < runs; seed++) {
    const log = mm1Log({ ...options, seed });
    counts[judgeStability(log, allRows(log), 0.1 * log.endUs).verdict]!++;
  }
  return counts;
}

describe('verdict on an M/M/1 queue', () => {
  it.each([0.5, 0.9])('at load %d is stable', (load) => {
    expect(verdicts({ load, arrivals: 10_000 }).stable).toBe(20);
    expect(verdicts({ load, arrivals: 1000 }).overloaded).toBe(0);
  });

  it('at load 0.99 is hardly ever called overloaded', () => {
    expect(verdicts({ load: 0.99, arrivals: 20_000 }).overloaded).toBeLessThanOrEqual(1);
  });

  it('at load 1.05 is overloaded once the run is long enough to show it', () => {
    expect(verdicts({ load: 1.05, arrivals: 40_000 }, 10).overloaded).toBe(10);
  });

  it('at load 1.5 is overloaded', () => {
    expect(verdicts({ load: 1.5, arrivals: 2000 }).overloaded).toBe(20);
  });

  it('is backlogged when a flash crowd near the end is still being worked off', () => {
    const log = mm1Log({ load: 3, arrivals: 10_000, seed: 1, until: { share: 0.9, load: 0.5 } });
    expect(judgeStability(log, allRows(log), 0)).toMatchObject({ verdict: 'backlogged' });
  });

  it('is stable when a flash crowd has been worked off', () => {
    const log = mm1Log({ load: 0.5, arrivals: 10_000, seed: 2, until: { share: 0.1, load: 1.5 } });
    expect(judgeStability(log, allRows(log), 0)).toMatchObject({ verdict: 'stable', reason: '' });
  });
});

describe('verdict on other systems', () => {
  const periodic = (count: number, request: (i: number) => TestRequest) =>
    Array.from({ length: count }, (_, i) => request(i));

  it('is overloaded for a steady deficit, however small the run', () => {
    const log = cutAt(
      periodic(200, (i) => ({ plannedUs: i * 100, startedUs: i * 110, endedUs: (i + 1) * 110 })),
      20_000,
    );
    expect(judgeStability(log, allRows(log), 0).verdict).toBe('overloaded');
  });

  it('is stable for long requests in constant number, as of closed-loop callers', () => {
    const log = cutAt(
      periodic(640, (i) => ({
        plannedUs: Math.floor(i / 64) * 1000,
        startedUs: i,
        endedUs: (Math.floor(i / 64) + 1) * 1000,
      })),
      9500,
    );
    expect(judgeStability(log, allRows(log), 0).verdict).toBe('stable');
  });

  it('is overloaded when a queue limit refuses what the queue cannot take', () => {
    const log = buildLog(
      periodic(1000, (i) => ({
        plannedUs: i * 100,
        ...(i % 3 === 0
          ? { endedUs: i * 100, outcome: Outcome.rejected }
          : { startedUs: i * 100, endedUs: i * 100 + 50 }),
      })),
      100_000,
    );
    const { verdict, reason } = judgeStability(log, allRows(log), 0);
    expect(verdict).toBe('overloaded');
    expect(reason).toContain('33.4 %');
  });

  it('is backlogged for a client that is at its cap most of the time and still keeps up', () => {
    const log = buildLog(
      periodic(1000, (i) => ({
        plannedUs: i * 100,
        sentUs: i * 100 + 80,
        startedUs: i * 100 + 80,
        endedUs: i * 100 + 180,
      })),
      100_180,
    );
    expect(judgeStability(log, allRows(log), 0)).toMatchObject({ verdict: 'backlogged' });
  });

  it('is overloaded for a capped client that falls ever further behind', () => {
    const log = cutAt(
      periodic(1000, (i) => ({
        plannedUs: i * 100,
        sentUs: i * 120,
        startedUs: i * 120,
        endedUs: (i + 1) * 120,
      })),
      100_000,
    );
    expect(judgeStability(log, allRows(log), 0).verdict).toBe('overloaded');
  });

  it('is overloaded when nothing is ever answered, stable when nothing is offered', () => {
    const log = buildLog(
      periodic(500, (i) => ({ plannedUs: i * 100 })),
      50_000,
    );
    expect(judgeStability(log, allRows(log), 0).verdict).toBe('overloaded');
    const empty = buildLog([], 1000);
    expect(judgeStability(empty, allRows(empty), 0).verdict).toBe('stable');
  });
});
