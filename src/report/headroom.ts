import { someOf } from '../base/some-of.js';
import { percentileOf, type Summary, type TenantSummary } from '../metrics/summary.js';
import { formatSlo, latencyGrows, verdictOf } from './answer.js';
import { formatNumber, UNKNOWN } from './format.js';
import { ifRight } from './provenance.js';
import type { Headroom, HeadroomPoint, LoadedTenant } from './run-report.js';
import { type Cell, type Table, tableOf } from './tables/table.js';

/** Loads beyond these are another question than how much today's may grow. */
const MOST = 16;
const LEAST = 1 / 16;
/** The answer is told to about so much: seeds move it by more. */
const PRECISION = 0.05;
/** Also simulated, as shares of the answer, so that the way up to it can be seen. */
const SHARES = [0.25, 0.5, 0.75];

/**
 * Looks for the largest factor on all loads at which every SLO holds, by doubling or halving and then by bisection. Yields each
 * factor to be simulated and takes what came of it.
 */
export function* headroomSearch(): Generator<number, Headroom, HeadroomPoint> {
  const points: HeadroomPoint[] = [];
  const holds = function* (factor: number): Generator<number, boolean, HeadroomPoint> {
    const point = yield factor;
    points.push(point);
    return point.tenants.every(({ met }) => met !== false);
  };
  let [low, high] = (yield* holds(1)) ? [1, Number.POSITIVE_INFINITY] : [0, 1];
  while (low < MOST && (low === 0 ? high > LEAST : high === Number.POSITIVE_INFINITY)) {
    const next = low === 0 ? shown(high / 2) : low * 2;
    if (yield* holds(next)) low = next;
    else high = next;
  }
  while (low > 0 && high < Number.POSITIVE_INFINITY && high > low * (1 + PRECISION)) {
    const middle = shown((low + high) / 2);
    if (yield* holds(middle)) low = middle;
    else high = middle;
  }
  for (const factor of low > 0 ? SHARES.map((share) => shown(share * low)) : []) {
    if (!points.some((point) => point.factor === factor)) yield* holds(factor);
  }
  points.sort((a, b) => a.factor - b.factor);
  return { factor: low, ...(high < Number.POSITIVE_INFINITY && { failsAt: high }), points };
}

/** A factor of as many digits as are told of it, so that what is told was simulated. */
function shown(factor: number): number {
  return Number(factor.toPrecision(3));
}

/** What a simulation under so many times the load says of each tenant. */
export function headroomPoint(factor: number, { tenants }: Summary): HeadroomPoint {
  return { factor, tenants: tenants.map(loadedTenant) };
}

function loadedTenant(tenant: TenantSummary): LoadedTenant {
  const percentile = tenant.slo?.percentile ?? 99;
  const verdict = verdictOf(tenant);
  const ms = percentileOf(tenant, percentile);
  return {
    tenant: tenant.tenant,
    percentile,
    ...(ms !== undefined && !latencyGrows(tenant) && { ms }),
    met: verdict === 'met' ? true : verdict === 'missed' ? false : null,
  };
}

/** @param guesses what the verdict beside it names as guessed; absent where nothing is */
export function headroomSentence(headroom: Headroom, guesses?: string): string {
  return ifRight(factorSentence(headroom), guesses && 'the guessed profiles are right');
}

function factorSentence({ factor, failsAt, points }: Headroom): string {
  if (failsAt === undefined)
    return `Every SLO holds up to ${times(factor)} this load, the most that is tried.`;
  const failing = points.find((point) => point.factor === failsAt)!;
  const missing = failing.tenants.filter(({ met }) => met === false).map(({ tenant }) => tenant);
  const who = `${someOf(missing, 3)} ${missing.length === 1 ? 'misses its SLO' : 'miss their SLOs'}`;
  if (factor === 0) return `Even at ${times(failsAt)} this load ${who}.`;
  return `Every SLO holds up to ${times(factor)} this load; at ${times(failsAt)} ${who}.`;
}

function times(factor: number): string {
  return `${formatNumber(factor)} times`;
}

/** The tail of each tenant over the load. */
export function headroomTable({ points }: Headroom, tenants: readonly TenantSummary[]): Table {
  const cellAt =
    ({ tenants: loaded }: HeadroomPoint) =>
    ({ tenant }: TenantSummary) =>
      tailCell(loaded.find((one) => one.tenant === tenant));
  return tableOf(
    'Tail latency over the load, ms',
    tenants,
    [
      { header: 'tenant', align: 'left', cell: ({ tenant }) => tenant },
      { header: 'SLO', align: 'left', cell: formatSlo },
      ...points.map((point) => ({
        header: `× ${formatNumber(point.factor)}`,
        cell: cellAt(point),
        ...(point.factor !== 1 && { dropRank: 1 }),
      })),
    ],
    [
      'The percentile of the SLO, else p99. One run for each load, under the first seed alone. “!”: the SLO is missed; without a figure the tenant cannot be kept up with.',
    ],
  );
}

function tailCell(tenant: LoadedTenant | undefined): Cell {
  const text = tenant?.ms === undefined ? UNKNOWN : formatNumber(tenant.ms.value);
  return tenant?.met === false ? { text: `${text} !`, tone: 'bad' } : { text };
}
