import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/problem.js';
import { calibrateFromCounters } from '../../../src/calibrate/traffic/from-counters.js';
import { serializeProfile } from '../../../src/profile/parse.js';
import { cases } from '../../support/cases.js';
import { FACTS, pages, readings } from './counter-hours.js';
import { rangeOf } from './counters-of.js';

const messageOf = (error: () => unknown) => {
  try {
    error();
  } catch (thrown) {
    return thrown instanceof InputError ? thrown.message : 'not an InputError';
  }
  return 'nothing thrown';
};

describe('files of counters that do not do', () => {
  it('one scrape, counters at rest, rates in place of counters: each is told with what to give instead', () => {
    expect(messageOf(() => calibrateFromCounters([pages[0]!], FACTS))).toMatch(/one scrape says nothing/);
    expect(messageOf(() => calibrateFromCounters([pages[1]!, pages[1]!], FACTS))).toMatch(
      /no counter .* grows/,
    );
    const rate = JSON.stringify({ data: { result: [{ metric: { model: 'm' }, values: [[1, '2']] }] } });
    expect(messageOf(() => calibrateFromCounters([{ file: 'r.json', text: rate }], FACTS))).toMatch(
      /r\.json: data\.result\[0\]: has no __name__; query the counters themselves/,
    );
  });

  it('samples of a query that are no time with a value are told by their place', () => {
    const values = [[1, 'x'], [2, '5'], ['3', '6'], 7, [4, 8]];
    const result = [{ metric: { __name__: 'nv_inference_count', model: 'm' }, values }];
    const message = messageOf(() =>
      calibrateFromCounters([{ file: 'r.json', text: JSON.stringify({ data: { result } }) }], FACTS),
    );
    expect(
      [...message.matchAll(/result\[0\]\.values\[(\d)\]: .* is not a time with a value/g)].map(([, i]) => i),
    ).toEqual(['0', '2', '3']);
  });

  it('times in milliseconds are told: every interval would be a thousand times as long', () => {
    const late = rangeOf(
      readings.map((reading) => ({ ...reading, atS: 1_700_000_000_000 + 1000 * reading.atS })),
      'm',
    );
    expect(messageOf(() => calibrateFromCounters([{ file: 'r.json', text: late }], FACTS))).toMatch(
      /r\.json: data\.result\[0\]\.values\[0\]: 1700000000000 is not a time in seconds; write seconds since/,
    );
  });

  it('counters that are not there are named: none of them counts as 0', () => {
    const without = pages.map(({ file, text }) => ({
      file,
      text: text.replace(/.*compute_infer.*\n/g, ''),
    }));
    expect(messageOf(() => calibrateFromCounters(without, FACTS))).toMatch(
      /of "m" there is no nv_inference_compute_infer_duration_us; .*counter_latencies=true/,
    );
  });

  it('problems of all files are told at once', () => {
    const files = [
      { file: 'a.txt', text: 'no metrics' },
      { file: 'b.json', text: '{"status":"error","error":"bad query"}' },
    ];
    expect(messageOf(() => calibrateFromCounters(files, FACTS))).toMatch(/a\.txt:1.*\n.*b\.json.*bad query/);
  });

  it('any pages and answers give valid profiles or an InputError', () => {
    const value = fc.oneof(fc.nat(1000), fc.double(), fc.constantFrom('x', null, '1e300'));
    const name = fc.constantFrom(
      ...Object.keys(readings[0]!.counters),
      'nv_inference_request_failure',
      'other',
    );
    const page = fc
      .array(fc.tuple(name, fc.oneof(fc.nat(100), fc.double({ noNaN: true }))), { maxLength: 10 })
      .map((lines) => lines.map(([each, count]) => `${each}{model="m"} ${count}`).join('\n'));
    const answer = fc
      .array(
        fc.record({
          metric: fc.record({ __name__: name, model: fc.constantFrom('m', '__proto__', 3) }),
          values: fc.array(fc.tuple(value, value)),
        }),
      )
      .map((result) => JSON.stringify({ data: { result } }));
    const growing = fc
      .array(fc.array(fc.nat(1e6), { minLength: 8, maxLength: 8 }), { minLength: 2, maxLength: 5 })
      .map((rows) =>
        rangeOf(
          rows.map((row, at) => ({
            atS: at,
            counters: Object.fromEntries(
              Object.keys(readings[0]!.counters).map((each, i) => [
                each,
                rows.slice(0, at).reduce((total, before) => total + before[i]!, row[i]!),
              ]),
            ),
          })),
          'm',
        ),
      );
    const files = fc.array(
      fc.oneof(page, answer, growing, fc.string(), fc.json()).map((text) => ({ file: 'f', text })),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(files, (given) => {
        try {
          for (const { profile: fitted } of calibrateFromCounters(given, FACTS)) serializeProfile(fitted);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: cases(500) },
    );
  });
});
