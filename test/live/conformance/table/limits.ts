import type { Row, SleepingModel } from '../row.js';

/** One that takes so much of the resource R, of which there is as much as the model has that asks for most. */
function limited(serviceMs: number, count: number, priority = 1): SleepingModel {
  const limits = `rate_limiter { resources [ { name: "R" count: ${count} } ] priority: ${priority} }`;
  return { config: `max_batch_size: 8 instance_group [ { kind: KIND_CPU count: 1 ${limits} } ]`, serviceMs };
}

const isLimited = true;

/** The rate limiter, --rate-limit=execution_count. */
export const LIMITS: readonly Row[] = [
  {
    rule: 'rate limiter: models that both ask for all of a resource take turns',
    source: '4',
    isLimited,
    models: { A: limited(100, 1), B: limited(60, 1) },
    arrives: '1>A@0 1>B@20',
    executes: { A: '1@0', B: '2@100' },
    answers: '1@100 2@160',
  },
  {
    rule: 'rate limiter: what fits executes side by side, and what does not waits',
    source: '4',
    isLimited,
    models: { A: limited(100, 1), B: limited(100, 1), C: limited(60, 2) },
    arrives: '1>A@0 1>B@20 1>C@40',
    executes: { A: '1@0', B: '2@20', C: '3@120' },
    answers: '1@100 2@120 3@180',
  },
  {
    rule: 'rate limiter: who is first and does not fit holds back those behind that would',
    source: '4',
    isLimited,
    models: { A: limited(100, 1), B: limited(60, 2), C: limited(60, 1, 2) },
    arrives: '1>A@0 1>B@20 1>C@40',
    executes: { A: '1@0', B: '2@100', C: '3@160' },
    answers: '1@100 2@160 3@220',
  },
  {
    rule: 'rate limiter: of those that have executed as often the next is that of a priority queue of C++, not the first',
    source: '4',
    isLimited,
    models: {
      A: limited(100, 1),
      B: limited(100, 1),
      C: limited(100, 1),
      D: limited(100, 1),
      E: limited(100, 1),
    },
    arrives: '1>A@0 1>B@15 1>C@30 1>D@45 1>E@60',
    executes: { A: '1@0', B: '2@100', C: '3@300', D: '4@200', E: '5@400' },
    answers: '1@100 2@200 3@400 4@300 5@500',
  },
  {
    rule: 'rate limiter: of priorities 1 and 2 the first executes twice as often',
    source: '4',
    isLimited,
    models: { A: limited(60, 1), B: limited(60, 1, 2) },
    arrives: '1>A@0 1>A@8 1>A@16 1>A@24 1>A@32 1>A@40 1>B@46 1>B@54 1>B@62',
    executes: { A: '1@0 2@60 3@180 4@240 5@360 6@420', B: '7@120 8@300 9@480' },
    answers: '1@60 2@120 3@240 4@300 5@420 6@480 7@180 8@360 9@540',
  },
];
