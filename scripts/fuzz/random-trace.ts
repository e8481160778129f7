import { buildTrace } from '../../src/trace/build.js';
import { OPTIONAL_COLUMN_SPECS } from '../../src/trace/columns.js';
import { OPTIONAL_COLUMNS, type OptionalColumn, type Trace } from '../../src/trace/trace.js';
import { between, chance, pick, type Random, repeat } from './choose.js';

const NAMES = ['search', 'photos', 'a,b', 'x "y"', 'line\nbreak', ' blank ', '#1', '0', 'é', '__proto__'];

/** A valid trace of up to thirty requests, with any set of columns. */
export function randomTrace(random: Random): Trace {
  const length = random.nextInt(31);
  const tenants = [...new Set(repeat(between(random, 1, 4), () => pick(random, NAMES)))];
  let us = 0;
  const arrivalUs = repeat(length, () => {
    us += pick(random, [0, 1, 1000, between(random, 0, 5_000_000)]);
    return us;
  });
  return buildTrace({
    ...Object.fromEntries(
      OPTIONAL_COLUMNS.filter(() => length > 0 && chance(random, 0.3)).map((key) => [
        key,
        randomColumn(random, key, length),
      ]),
    ),
    arrivalUs,
    tenants,
    tenant: repeat(length, () => random.nextInt(tenants.length)),
    durationUs: chance(random, 0.5) ? us : us + random.nextInt(1_000_000),
    source: chance(random, 0.3) ? 'made up, "quoted", CC0' : undefined,
  });
}

function randomColumn(random: Random, key: OptionalColumn, length: number): number[] {
  const { min, max } = OPTIONAL_COLUMN_SPECS[key];
  return repeat(length, () => pick(random, [min, max, between(random, min, Math.min(max, min + 100))]));
}
