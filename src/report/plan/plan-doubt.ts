import { errorFunction } from 'simple-statistics';
import { plural } from '../../base/plural.js';
import { someOf } from '../../base/some-of.js';
import type { Placement } from '../../plan/placement.js';
import type { PlanProblem } from '../../plan/problem-setting.js';
import { neighboursMost, type ProfileInUse, profilesInUse, type SlowEnd } from '../../plan/slow-end.js';
import { REACH } from '../../profile/time-error.js';
import { errorsText } from '../../profile/validation.js';
import { guessesText } from '../../scenario/starter/model-points.js';
import { formatSetting } from '../format.js';
import { errorsSentence } from '../provenance.js';

/** How well the times are known with which it was planned, and what comes of the answer where they are longer. */
export interface ReportedDoubt {
  /** It was planned with all models as slow as the errors of their profiles allow. */
  readonly isSure: boolean;
  /** By how much longer times may be than each profile in use says, the largest first; absent where nothing tells. */
  readonly profiles: readonly {
    readonly model: string;
    readonly device: string;
    readonly errorPercent?: number;
    readonly from?: string;
  }[];
  /** How much more than was planned busy slices of one GPU may cost each other, at the slow end; absent where that is nothing. */
  readonly neighboursPercent?: number;
  /** How far off they were of what somebody measured, in a line; absent where nobody did. */
  readonly profileErrors?: string;
  /** What must hold of profiles that nobody filled in, and what would supply them; absent where there are none. */
  readonly profileGuesses?: string;
  /** Every SLO is met with all times so much longer; absent where it was not looked at. */
  readonly holdsToPercent?: number;
  /** Nothing longer was looked at. */
  readonly isOpen?: boolean;
  /**
   * How probable it is that no model's times are longer than that, by the error of its own profile, each for itself; at least so
   * much where nothing longer was looked at. Absent where a profile tells no error.
   */
  readonly confidencePercent?: number;
  /** Tenants that violate their SLO at the slow end of all errors. */
  readonly violated?: readonly string[];
}

/** Of the placement that is the answer. */
export function reportedDoubt(problem: PlanProblem, placement: Placement, slowEnd?: SlowEnd): ReportedDoubt {
  const inUse = profilesInUse(problem, placement);
  const profileErrors = errorsText(inUse.map(({ profile }) => profile));
  const profileGuesses = guessesText(inUse.map(({ profile }) => profile));
  const neighboursPercent = percentLonger(neighboursMost(problem, placement));
  return {
    isSure: problem.isSure,
    profiles: inUse.map(({ profile: { model, device }, error }) => ({
      model,
      device,
      ...(error && { errorPercent: percentLonger(error.factor), from: error.from }),
    })),
    ...(neighboursPercent > 0 && { neighboursPercent }),
    ...(profileErrors !== undefined && { profileErrors }),
    ...(profileGuesses !== undefined && { profileGuesses }),
    ...(slowEnd && {
      holdsToPercent: percentLonger(slowEnd.holdsTo),
      isOpen: slowEnd.isOpen,
      ...confidence(slowEnd, inUse),
      violated: slowEnd.violated,
    }),
  };
}

/** Errors are normal in the logarithm of the times, as `timeErrorOf` takes them. */
function confidence(
  { holdsTo }: SlowEnd,
  inUse: readonly ProfileInUse[],
): Pick<ReportedDoubt, 'confidencePercent'> {
  const deviations = inUse.map(({ error }) => Math.log(error?.factor ?? Number.NaN) / REACH);
  if (!(Math.max(...deviations) > 0)) return {};
  const share = deviations
    .filter((deviation) => deviation > 0)
    .reduce((all, one) => (all * (1 + errorFunction(Math.log(holdsTo) / one / Math.SQRT2))) / 2, 1);
  return { confidencePercent: Math.round(1000 * share) / 10 };
}

function percentLonger(times: number): number {
  return Math.round((times - 1) * 1000) / 10;
}

/** More errors of profiles than this are for `--json`. */
const MOST_ERRORS = 3;

/** How much longer than the profiles say all may take, beside how well that is known. */
export function doubtSentences(doubt: ReportedDoubt): string[] {
  const { profileErrors } = doubt;
  const measured = profileErrors === undefined ? [] : [errorsSentence(profileErrors)];
  return [...slowEndSentences(doubt), ...measured];
}

function slowEndSentences(doubt: ReportedDoubt): string[] {
  const { isSure, holdsToPercent, isOpen, violated = [] } = doubt;
  const errors = reachText(doubt);
  const unknown = errors === undefined ? '' : unknownText(doubt);
  if (isSure)
    return [
      `Planned at the slow end of the profiles' errors: ${errors ?? 'none of them tells one, so nothing changed'}.${unknown}`,
    ];
  if (holdsToPercent === undefined) return [];
  const atEnd =
    violated.length === 0
      ? 'there it holds, too'
      : `there ${plural(violated.length, 'the SLO', 'the SLOs')} of ${someOf(violated)} ${plural(violated.length, 'is', 'are')} violated (--sure plans for it)`;
  return [
    holdsToPercent > 0
      ? `It holds with all times up to ${percentText(holdsToPercent)} longer than the profiles say${isOpen ? ', and perhaps more' : ''}.`
      : 'It was found to hold only with the times that the profiles say: plan with a marginPercent.',
    errors === undefined
      ? 'No profile says how far its times may be off.'
      : `Their errors reach ${errors}; ${atEnd}.${unknown}`,
    ...confidenceSentences(doubt),
  ];
}

/** No error is known so well that more can be said. */
const MOST_CONFIDENCE_PERCENT = 99;

function confidenceSentences({ confidencePercent: percent, isOpen = false }: ReportedDoubt): string[] {
  if (percent === undefined) return [];
  const isMost = percent >= MOST_CONFIDENCE_PERCENT;
  const least = isMost || isOpen ? 'at least ' : '';
  const shown = percentText(isMost ? MOST_CONFIDENCE_PERCENT : Math.floor(percent));
  return [`By these errors every SLO is met with ${least}${shown} confidence.`];
}

function reachText({ profiles, neighboursPercent }: ReportedDoubt): string | undefined {
  const slices = { name: 'what busy slices of one GPU cost each other', errorPercent: neighboursPercent };
  const known = [
    ...profiles.map(({ model, device, errorPercent }) => ({ name: `${model} on ${device}`, errorPercent })),
    slices,
  ]
    .filter(({ errorPercent }) => errorPercent !== undefined)
    .sort((a, b) => b.errorPercent! - a.errorPercent!)
    .map(({ name, errorPercent }) => `${percentText(errorPercent!)} (${name})`);
  return known.length === 0 ? undefined : someOf(known, MOST_ERRORS);
}

function unknownText({ profiles }: ReportedDoubt): string {
  const unknown = profiles.filter(({ errorPercent }) => errorPercent === undefined);
  const names = unknown.map(({ model, device }) => `${model} on ${device}`);
  return unknown.length === 0
    ? ''
    : ` Those of ${someOf(names, MOST_ERRORS)} are not known, and not counted.`;
}

function percentText(percent: number): string {
  return `${formatSetting(Math.round(percent))} %`;
}
