import { SEVERITY } from '../metrics/figures/stability.js';
import { streamSloText } from '../metrics/stream-limits.js';
import { type Estimate, targetShare } from '../metrics/summary.js';
import { type Range, rangeOf } from '../report/doubt.js';
import { type Expectation, isOneOf, TENANT_METRICS, type UnsurePolicy } from './expectations.js';
import { figuresFor, type JudgedRun, tenantsOf } from './figures.js';

/**
 * - `pass`, `fail`: the bound is met or violated, and so it is anywhere in the 95 % interval, and at both ends of the profiles'
 *   errors where these are looked at.
 * - `unsure`: the interval holds the bound, or there is none, or the errors of the profiles decide.
 */
export type Certainty = 'pass' | 'fail' | 'unsure';

/** One expectation about one subject, judged. */
export interface Judgement {
  /** What was expected, in words: `p99Ms of photos at most 40`. */
  readonly expectation: string;
  readonly certainty: Certainty;
  /** The verdict, of an expectation without a figure. */
  readonly found?: string;
  /** Whether the build may go on, by the policy for what is unsure. */
  readonly passed: boolean;
  /** Whether it is about what clients got, which `perseus explain` takes apart: not about prices, devices or models. */
  readonly isOfService: boolean;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** What the figure may be by the errors of the profiles, noise in it; only where these are looked at. */
  readonly doubt?: Range;
  /** The bounds, where there are any. */
  readonly atLeast?: number;
  readonly atMost?: number;
}

/**
 * Judges what a run says about an expectation: one judgement for each tenant, device or server it is about.
 *
 * @param ends the same run where all profiles are as fast, and as slow, as their errors allow: sure is then only what holds
 *   there, too
 */
export function judge(
  run: JudgedRun,
  expectation: Expectation,
  policy: UnsurePolicy,
  ends: readonly JudgedRun[] = [],
): Judgement[] {
  const usual = judgeRun(run, expectation, policy);
  if (ends.length === 0) return usual;
  const others = ends.map((end) => judgeRun(end, expectation, policy));
  return usual.map((one, i) =>
    withEnds(
      one,
      others.map((judgements) => judgements[i]!),
      policy,
    ),
  );
}

function withEnds(usual: Judgement, ends: readonly Judgement[], policy: UnsurePolicy): Judgement {
  // A verdict has no figure.
  if (Number.isNaN(usual.value))
    return ends.every(({ passed }) => passed === usual.passed) ? usual : unsureOf(usual, policy);
  // An end is one run, which may tell no interval: then its figure counts.
  const doubt = rangeOf([usual, ...ends]);
  const { certainty, atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = usual;
  const isSure = certainty === 'unsure' || certaintyOf(doubt, { atLeast, atMost }) === certainty;
  return { ...(isSure ? usual : unsureOf(usual, policy)), doubt };
}

function unsureOf(usual: Judgement, policy: UnsurePolicy): Judgement {
  return { ...usual, certainty: 'unsure', passed: policy === 'value' ? usual.passed : policy === 'pass' };
}

function judgeRun(run: JudgedRun, expectation: Expectation, policy: UnsurePolicy): Judgement[] {
  if (expectation.slo !== undefined) return judgeSlos(run, expectation, policy);
  if (expectation.stability !== undefined) return judgeStability(run, expectation);
  const { metric, atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = expectation;
  const isOfService = isOneOf(TENANT_METRICS, metric);
  return figuresFor(run, expectation).map(({ subject, estimate, isExact }) => {
    const known = isExact ? exactly(estimate.value) : estimate;
    const figure = expectation.of === undefined ? metric : `${metric} ${expectation.of}`;
    const words = [
      subject === '' ? figure : `${figure} of ${subject}`,
      ...(expectation.atLeast === undefined ? [] : [`at least ${atLeast}`]),
      ...(expectation.atMost === undefined ? [] : [`at most ${atMost}`]),
    ];
    return { ...judged(words.join(' '), known, { atLeast, atMost }, policy), isOfService };
  });
}

function judgeSlos(run: JudgedRun, expectation: Expectation, policy: UnsurePolicy): Judgement[] {
  return tenantsOf(run, expectation).flatMap(({ tenant, slo, stability }) => {
    if (slo === undefined) return [];
    const share = targetShare(slo);
    const words = `SLO of ${tenant} met: p${slo.percentile} <= ${slo.limitMs} ms${streamSloText(slo)} (attainment at least ${share})`;
    const bounds = { atLeast: share, atMost: Number.POSITIVE_INFINITY };
    // The share within the limit of a tenant that is overloaded only sinks: it is missed, also where one run tells no interval.
    const { value, low } = slo.attainment;
    const isLost = stability === 'overloaded' && Number.isNaN(low) && value < share;
    return [judged(words, isLost ? exactly(value) : slo.attainment, bounds, policy)];
  });
}

/** A verdict has no interval: it is its own test. */
function judgeStability(run: JudgedRun, expectation: Expectation): Judgement[] {
  const allowed = SEVERITY.indexOf(expectation.stability!);
  return tenantsOf(run, expectation).map(({ tenant, stability }) => {
    const passed = SEVERITY.indexOf(stability) <= allowed;
    return {
      expectation: `${tenant} ${expectation.stability}`,
      found: stability,
      certainty: passed ? 'pass' : 'fail',
      passed,
      isOfService: true,
      ...UNKNOWN,
    };
  });
}

const UNKNOWN = { value: Number.NaN, low: Number.NaN, high: Number.NaN };

interface Bounds {
  readonly atLeast: number;
  readonly atMost: number;
}

function judged(expectation: string, estimate: Estimate, bounds: Bounds, policy: UnsurePolicy): Judgement {
  const certainty = certaintyOf(estimate, bounds);
  const passed = certainty === 'unsure' ? passes(estimate, bounds, policy) : certainty === 'pass';
  const { value, low, high } = estimate;
  const { atLeast, atMost } = bounds;
  return {
    expectation,
    certainty,
    passed,
    isOfService: true,
    value,
    low,
    high,
    ...(Number.isFinite(atLeast) && { atLeast }),
    ...(Number.isFinite(atMost) && { atMost }),
  };
}

function certaintyOf({ low, high }: Range, { atLeast, atMost }: Bounds): Certainty {
  if (low >= atLeast && high <= atMost) return 'pass';
  return high < atLeast || low > atMost ? 'fail' : 'unsure';
}

/** A figure that is not known at all keeps to nothing, whatever the policy for those that are. */
function passes({ value }: Estimate, { atLeast, atMost }: Bounds, policy: UnsurePolicy): boolean {
  if (policy === 'fail' || Number.isNaN(value)) return false;
  return policy === 'pass' || (value >= atLeast && value <= atMost);
}

function exactly(value: number): Estimate {
  return { value, low: value, high: value };
}
