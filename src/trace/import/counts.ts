import { RandomStreams } from '../../base/random.js';
import { placeOf } from '../collect.js';
import { DEFAULT_TENANT } from '../columns.js';
import { parseNumber } from '../number.js';
import { quoteValue, RowProblems } from '../row-problems.js';
import type { Trace } from '../trace.js';
import { Arrivals } from './arrivals.js';
import { checkRequestCount } from './limit.js';
import type { ImportOptions } from './options.js';
import { binRange, spreadCount } from './spread.js';

/**
 * Plain counts of requests, one number per second (or per `binUs`), in order, with blanks, commas
 * or line ends between them. Zeros count: they are time without requests. Where the arrivals of
 * an interval lie in it is not known; they are spaced evenly, or at random with `spread`.
 *
 * @throws InputError with the line of every problem
 */
export function importCounts(text: string, options: ImportOptions = {}): Trace {
  const counts = readCounts(text, options);
  const range = binRange(options, ONE_SECOND_US);
  const random = new RandomStreams(options.seed ?? 0).get('counts');
  const arrivals = new Arrivals(options);
  const tenant = options.tenant ?? DEFAULT_TENANT;
  arrivals.tenant(tenant);
  const end = Math.min(range.to, counts.length);
  for (let bin = range.from; bin < end; bin++) {
    const count = counts[bin] as number;
    checkRequestCount(arrivals.count + count, options);
    const times = spreadCount(count, bin * range.binUs, range.binUs, options.spread ?? 'even', random);
    for (const us of times) arrivals.add(us, tenant);
  }
  return arrivals.toTrace(`counts per ${range.binUs / ONE_SECOND_US} s`, {
    lastUs: counts.length * range.binUs,
  });
}

const ONE_SECOND_US = 1_000_000;

function readCounts(text: string, options: ImportOptions): number[] {
  const problems = new RowProblems(placeOf(options));
  const counts: number[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    for (const word of line.split(/[\s,;]+/)) {
      if (word === '') continue;
      const count = parseNumber(word);
      if (Number.isInteger(count) && count >= 0) counts.push(count);
      else problems.add({ line: index + 1, what: `${quoteValue(word)} is not a count` });
    }
  }
  if (counts.length === 0 && problems.count === 0) problems.add({ what: 'there are no counts' });
  problems.throwIfAny();
  return counts;
}
