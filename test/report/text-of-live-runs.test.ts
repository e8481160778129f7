import { describe, expect, it } from 'vitest';
import { summarize } from '../../src/metrics/summarize.js';
import { liveSummaryToText } from '../../src/report/live-text.js';
import { Outcome } from '../../src/trace/request-log.js';
import { buildLog, type TestRequest } from '../metrics/log-builder.js';

function textOf(requests: readonly TestRequest[]): string {
  const log = buildLog(requests, 3_000_000);
  return liveSummaryToText(
    summarize({ scenarioName: 'test', seed: 1, warmUpUs: 1_000_000, tenants: [], log }),
  );
}

it('a live run says in the words of the other reports what became of requests without an answer', () => {
  const plannedUs = 2_000_000;
  const requests = [
    { plannedUs, outcome: Outcome.unfinished },
    { plannedUs, endedUs: plannedUs, outcome: Outcome.timedOut },
    { plannedUs, endedUs: plannedUs, outcome: Outcome.failed },
    { plannedUs, endedUs: plannedUs, outcome: Outcome.rejected },
  ];
  expect(textOf(requests)).toBe(
    'a: 0 of 4 completed, 1 rejected, 1 timed out, 1 failed, 1 in flight at end, 0.0/s\n',
  );
});

describe('a live run that was stopped early shows no figure that nothing was measured for:', () => {
  it('a tenant that had only warmed up has none', () => {
    expect(textOf([{ plannedUs: 0, startedUs: 0, endedUs: 900_000 }])).toBe('a: no request was measured\n');
  });

  it('a tenant whose requests were all refused has no latency', () => {
    expect(textOf([{ plannedUs: 1_700_000, endedUs: 1_700_000, outcome: Outcome.rejected }])).toBe(
      'a: 0 of 1 completed, 1 rejected, 0.0/s\n',
    );
  });
});
