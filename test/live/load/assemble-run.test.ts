import { describe, expect, it } from 'vitest';
import type { LiveErrorKind } from '../../../src/live/inference-client.js';
import { backOffUs, ErrorTally, outcomeOf, ServerWatch } from '../../../src/live/load/answers.js';
import { assembleRun } from '../../../src/live/load/assemble-run.js';
import type { RunPart } from '../../../src/live/load/drive.js';
import { emptyColumns } from '../../../src/live/load/request-rows.js';
import { Outcome } from '../../../src/trace/request-log.js';

const CALM = { count: 0, longestMs: 0, totalMs: 0 };
const NAMES = { tenants: [{ name: 't' }], servers: [{ name: 's' }] } as never;
const error = (kind: LiveErrorKind, message: string = kind) => ({ kind, message, remedy: '' });

/** What a thread measured: requests of a millisecond each at these times, until then. */
function part(plannedUs: readonly number[], endUs: number, more: Partial<RunPart> = {}): RunPart {
  const requests = emptyColumns(plannedUs.length);
  for (const [row, us] of plannedUs.entries()) {
    requests.plannedUs[row] = us;
    requests.dueUs[row] = us;
    requests.sentUs[row] = us;
    requests.endedUs[row] = us + 1000;
  }
  return { requests, endUs, endReason: 'duration', errors: [], answeredLate: 0, ...more };
}
const assembled = (...parts: readonly RunPart[]) => assembleRun(NAMES, parts, CALM);

describe('what threads measured together', () => {
  it('ends with the last of them, and what came after its end has no answer in the log', () => {
    const run = assembled(
      part([0, 4000, 9000], 9500, { answeredLate: 1 }),
      part([2000], 9000, { endReason: 'exhausted', answeredLate: 2 }),
    );
    expect(run).toMatchObject({ endReason: 'duration', remark: '', answeredLate: 3 });
    expect([run.log.endUs, ...run.log.plannedUs]).toEqual([9500, 0, 2000, 4000, 9000]);
    expect([...run.log.endedUs]).toEqual([1000, 3000, 5000, Number.NaN]);
    expect(run.log.outcome[3]).toBe(Outcome.unfinished);
    // The server counted that one, too.
    expect([...run.answers!.endedUs]).toEqual([1000, 3000, 5000, 10_000]);
  });

  it('keeps the last answer of loads that came to their end: the run ends with it', () => {
    const run = assembled(
      part([0], 1000, { endReason: 'exhausted' }),
      part([4000], 5000, { endReason: 'exhausted' }),
    );
    expect(run).toMatchObject({ endReason: 'exhausted', remark: '' });
    expect([...run.log.endedUs]).toEqual([1000, 5000]);
  });

  it('is over where the first of them had to stop, and says why', () => {
    const stopped = (endReason: RunPart['endReason'], endUs: number) =>
      part([0, endUs - 500], endUs, { endReason });
    const reasons = {
      aborted: 'stopped after',
      serverGone: 'the server is gone: stopped after',
      overloaded: 'fill the memory: stopped after',
    };
    for (const [reason, words] of Object.entries(reasons)) {
      const run = assembled(
        part([1_000_000, 3_000_000], 5e6),
        stopped(reason as RunPart['endReason'], 2e6),
        stopped('aborted', 4e6),
      );
      expect([run.endReason, run.log.endUs]).toEqual([reason, 2e6]);
      expect([...run.log.plannedUs]).toEqual([0, 0, 1_000_000, 1_999_500]);
      expect(run.remark).toContain(`${words} 2.0 s`);
    }
  });

  it('counts errors of all threads by kind, and speaks of those that are no answers of the server', () => {
    const errors = (...counts: readonly (readonly [LiveErrorKind, number])[]) =>
      counts.map(([kind, count]) => ({ ...error(kind, `${kind} of ${count}`), count }));
    const run = assembled(
      part([0], 2000, { errors: errors(['queueFull', 90], ['lost', 2], ['deadline', 4]) }),
      part([0], 2000, { errors: errors(['lost', 3], ['queueTimeout', 20]) }),
    );
    expect(run.errors.map(({ kind, count, message }) => [kind, count, message])).toEqual([
      ['queueFull', 90, 'queueFull of 90'],
      ['queueTimeout', 20, 'queueTimeout of 20'],
      ['lost', 5, 'lost of 2'],
      ['deadline', 4, 'deadline of 4'],
    ]);
    expect(run.remark).toBe('5 requests failed (lost), the first with: lost of 2');
    expect(assembled(part([0], 2000, { errors: errors(['queueFull', 9]) })).remark).toBe('');
  });
});

describe('an answer', () => {
  it('is a result of the server where its queue was full or too slow, and a failure else', () => {
    const kinds = [undefined, 'queueFull', 'queueTimeout', 'lost', 'deadline'] as const;
    expect(kinds.map((kind) => outcomeOf(kind && (error(kind) as never)))).toEqual([
      Outcome.completed,
      Outcome.rejected,
      Outcome.timedOut,
      Outcome.failed,
      Outcome.failed,
    ]);
  });

  it('lets its client come back at once, a millisecond after a refusal, and later where nobody answers', () => {
    expect(backOffUs(undefined)).toBe(0);
    for (const kind of ['queueFull', 'deadline'] as const) expect(backOffUs(error(kind) as never)).toBe(1000);
    for (const kind of ['unreachable', 'lost', 'tls'] as const)
      expect(backOffUs(error(kind) as never)).toBe(50_000);
  });

  it('of a connection that broke means that the server is gone only in an unbroken row of so long', () => {
    const watch = new ServerWatch(1000);
    const seen = (nowUs: number, kind?: LiveErrorKind) => {
      watch.answered(nowUs, kind && (error(kind) as never));
      return watch.isGone;
    };
    expect(seen(0)).toBe(false);
    expect([seen(5000, 'lost'), seen(5999, 'unreachable'), seen(6000, 'lost')]).toEqual([false, false, true]);
    // Whatever the server itself says ends the row.
    expect([seen(6500, 'queueFull'), seen(7000, 'lost'), seen(7999, 'lost'), seen(8000, 'tls')]).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it('is counted by its kind, equal counts by name', () => {
    const tally = new ErrorTally();
    for (const kind of ['deadline', 'lost', 'lost', 'deadline', 'tls'] as const) tally.add(error(kind));
    tally.add(error('tls'), 5);
    expect(tally.counts().map(({ kind, count }) => [kind, count])).toEqual([
      ['tls', 6],
      ['deadline', 2],
      ['lost', 2],
    ]);
  });
});
