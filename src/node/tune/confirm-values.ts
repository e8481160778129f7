import type { CandidateFigures, CandidateTenantFigures } from '../../plan/tune/figures.js';
import { compareFinalists, type Finalist } from '../../plan/tune/final.js';
import { bestFirst, scoreOf } from '../../plan/tune/score.js';
import { candidateValues, type SurenessValues, surenessValues } from './candidate-values.js';
import type { Confirmation, Confirmed } from './live-confirmation.js';
import type { TuneOutcome } from './tune-scenario.js';

/** What was measured on the live servers, as plain values beside what was predicted. */
export interface ConfirmationValues {
  /** In their predicted order; the settings as they are come last unless they are among the best. */
  readonly candidates: readonly ConfirmedValues[];
  /** Only where the user stopped it before all that was asked for had been measured. */
  readonly interrupted?: true;
  /** The one that measured best; absent where not every candidate was measured. */
  readonly best?: ConfirmedValues['label'];
  /** The predicted winner against the best of the others, as measured. */
  readonly againstBestOther?: SurenessValues & { readonly other: ConfirmedValues['label'] };
  /** The predicted winner against the settings as they are, as measured; absent where those won. */
  readonly againstCurrent?: SurenessValues;
}

export type ConfirmedValues = ReturnType<typeof confirmedValues>;
export type ConfirmedTenant = ReturnType<typeof tenantValues>;

export function confirmationValues(
  { confirmed, interrupted }: Pick<Confirmation, 'confirmed' | 'interrupted'>,
  outcome: TuneOutcome,
): ConfirmationValues {
  const candidates = confirmed.map((one, i) => confirmedValues(one, i, outcome));
  const marked = { candidates, ...(interrupted && { interrupted }) };
  if (confirmed.some(({ measured }) => measured.length === 0)) return marked;
  const { objective } = outcome;
  const live = confirmed.map((one, i) => {
    const finalist = asMeasured(one, outcome);
    return { ...one, label: candidates[i]!.label, finalist, score: finalist.score };
  });
  const [winner, ...others] = live;
  const against = (other: { finalist: Finalist }) =>
    surenessValues(compareFinalists(winner!.finalist, other.finalist, objective));
  const [bestOther] = bestFirst(others, objective);
  const current = others.find(({ isCurrent }) => isCurrent);
  return {
    ...marked,
    best: bestFirst(live, objective)[0]!.label,
    ...(bestOther && { againstBestOther: { other: bestOther.label, ...against(bestOther) } }),
    ...(current && { againstCurrent: against(current) }),
  };
}

/** The finalist with its measured runs in place of the simulated ones. */
function asMeasured({ finalist, measured }: Confirmed, { objective }: TuneOutcome): Finalist {
  return { ...finalist, runs: measured, score: scoreOf(measured, { objective }) };
}

function confirmedValues(one: Confirmed, index: number, outcome: TuneOutcome) {
  const { finalist, predicted, measured } = one;
  const { finalists } = outcome.result;
  const isFinalist = finalists[index]?.candidate === finalist.candidate;
  const { models, load, loadText } = candidateValues(finalist, outcome);
  return {
    // `1` for the predicted winner, `2` …; `now` for the settings as they are where they are none of those.
    label: isFinalist ? String(index + 1) : 'now',
    models,
    load,
    loadText,
    predicted: meanValues(predicted, outcome),
    ...(measured.length === 0 ? {} : { measured: meanValues(measured, outcome) }),
    tenants: predicted[0]!.tenants.map(({ tenant }, t) => tenantValues(tenant, t, predicted, measured)),
  };
}

function meanValues(runs: readonly CandidateFigures[], { objective }: TuneOutcome) {
  const { shortfall, value, tailMs } = scoreOf(runs, { objective });
  return { runs: runs.length, value, tailMs, meetsSlos: shortfall === 0 };
}

function tenantValues(
  tenant: string,
  t: number,
  predicted: readonly CandidateFigures[],
  measured: readonly CandidateFigures[],
) {
  const both = (pick: (figures: CandidateTenantFigures) => number) =>
    predictedMeasured(
      predicted.map((run) => pick(run.tenants[t]!)),
      measured.map((run) => pick(run.tenants[t]!)),
    );
  return {
    tenant,
    inferencesPerS: both((figures) => figures.inferencesPerS),
    meanMs: both((figures) => figures.meanMs),
    // At the SLO's percentile, or the 99th without an SLO.
    tailMs: both((figures) => figures.tailMs),
  };
}

/**
 * Means over the runs of each side, NaN where there is none; the error in percent of measured, and the largest less the smallest of
 * the measured runs in percent of their mean.
 */
function predictedMeasured(predicted: readonly number[], measured: readonly number[]) {
  const [p, m] = [meanOf(predicted), meanOf(measured)];
  const spread = measured.reduce((a, b) => Math.max(a, b), -Infinity) - Math.min(...measured);
  return {
    predicted: p,
    measured: m,
    errorPercent: (100 * (p - m)) / m,
    spreadPercent: measured.length > 1 ? (100 * spread) / m : Number.NaN,
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
