import fc from 'fast-check';
import { expect } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { buildTrace } from '../../src/trace/build.js';
import { OPTIONAL_COLUMN_SPECS } from '../../src/trace/columns.js';
import { OPTIONAL_COLUMNS, type Trace } from '../../src/trace/trace.js';

/** Names as users might give them: any text at all, with the characters that break files more often than chance has them. */
export const tenantName: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }).filter((name) => !name.startsWith('\ufeff')),
  fc.constantFrom('a', 'b', 'a,b', '"', 'x"y', 'line\nbreak', 'crlf\r\n', ' blank ', '#', '0', '__proto__'),
);

/**
 * Any valid trace: zero to thirty requests, up to four tenants, any set of columns (none without
 * requests, as text files cannot tell an empty column from none).
 */
export const anyTrace: fc.Arbitrary<Trace> = fc
  .record({
    tenants: fc.uniqueArray(tenantName, { minLength: 1, maxLength: 4 }),
    gaps: fc.array(fc.nat(5_000_000), { maxLength: 30 }),
    optional: fc.record(Object.fromEntries(OPTIONAL_COLUMNS.map((key) => [key, columnOf(key)])), {
      requiredKeys: [],
    }),
    picks: fc.array(fc.nat(1000), { minLength: 30, maxLength: 30 }),
    restUs: fc.nat(1_000_000),
    source: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
  })
  .map(({ tenants, gaps, optional, picks, restUs, source }) => {
    let us = 0;
    const arrivalUs = gaps.map((gap) => {
      us += gap;
      return us;
    });
    const present = gaps.length === 0 ? {} : optional;
    const cut = Object.entries(present).map(([key, values]) => [
      key,
      (values as number[]).slice(0, gaps.length),
    ]);
    return buildTrace({
      ...Object.fromEntries(cut),
      arrivalUs,
      tenants,
      tenant: arrivalUs.map((_, row) => (picks[row] as number) % tenants.length),
      durationUs: us + restUs,
      source,
    });
  });

function columnOf(key: (typeof OPTIONAL_COLUMNS)[number]): fc.Arbitrary<number[]> {
  const { min, max } = OPTIONAL_COLUMN_SPECS[key];
  return fc.array(
    fc.maxSafeInteger().map((n) => min + (Math.abs(n) % (max - min + 1))),
    {
      minLength: 30,
      maxLength: 30,
    },
  );
}

/** A valid trace in which there is at least one request. */
export const anyBusyTrace = anyTrace.filter((trace) => trace.arrivalUs.length > 0);

/** Runs `read` and lets an InputError pass; any other error fails the test. */
export function onlyInputErrors<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return undefined;
  }
}

/** Text after some cuts, repeats and replaced characters. */
export function mutatedText(text: string): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.nat(Math.max(0, text.length - 1)),
    remove: fc.nat(8),
    insert: fc.oneof(
      fc.string({ maxLength: 5 }),
      fc.constantFrom(
        '"',
        '\n',
        ',',
        '\r\n',
        '-',
        'NaN',
        '1e400',
        'null',
        '{',
        ']',
        '99999999999999999999',
        '',
      ),
    ),
  });
  return fc
    .array(edit, { minLength: 1, maxLength: 4 })
    .map((edits) =>
      edits.reduce(
        (current, { at, remove, insert }) => current.slice(0, at) + insert + current.slice(at + remove),
        text,
      ),
    );
}

/** The problems of an input that must be refused. */
export function problemsOf(read: () => unknown) {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).problems;
  }
  throw new Error('the input was taken');
}
