import type { ThreadWaits } from '../../../profile/serving.js';
import { type Observation, observationsOf, type TogetherPoint } from '../../observation.js';
import { type LatencyFigures, replayTogether, servedIn } from '../replay/replay.js';
import type { ReplayedModel } from '../replay/replay-scenario.js';

/** Candidates around what is expected: finer than what a few seconds of a pair tell apart. */
const SHARES = [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.13, 0.17, 0.22, 0.3];
const LONGEST_US = [2000, 3000, 4000, 6000];
/**
 * What is expected before pairs are looked at: the share at which the generator's threads wait, within a factor of three, and
 * no longer than a thread that computes runs on where the scheduler looks once in 4 ms (250 Hz).
 */
const EXPECTED_LONGEST_US = 4000;
const WITHIN = { share: Math.log(3), longest: Math.log(1.4) } as const;
/** Standard deviations of a replay's tail by itself: 95th and 99th percentile over the median, logarithms. */
const TAIL_WITHIN = { p95: 0.1, p99: 0.15 } as const;
/** Standard deviation of a replay's mean inference by itself: a fraction of it, and milliseconds besides. */
const INFERENCE_WITHIN = { fraction: 0.02, ms: 0.03 } as const;

/**
 * Threads of the server compute and sleep by turns and wait for longer than the generator's, which mostly sleep and
 * come first. So pairs of which one at least computes are replayed: the waits under which the tails of their latencies, and
 * the inferences of those that only wait, which nothing else makes longer, come closest to what was measured, drawn towards
 * what the generator's own threads showed.
 *
 * @param servedUnder the models as they would be fitted under such waits: what is waited is no slowdown, and not the network delay's
 */
export function refineThreadWaits(
  observations: readonly Observation[],
  servedUnder: (waits: ThreadWaits) => readonly ReplayedModel[],
  expected: ThreadWaits,
): ThreadWaits {
  const computing = new Set(
    servedUnder(expected)
      .filter(computes)
      .map(({ config }) => config.name),
  );
  const points = observationsOf(observations, 'together').filter(
    ({ experiment: { model, other } }) => computing.has(model) || computing.has(other),
  );
  if (points.length === 0) return expected;
  const misfitOf = (waits: ThreadWaits) => {
    const served = servedUnder(waits);
    return points.reduce((sum, point) => sum + pointMisfit(point, served), surprise(waits, expected));
  };
  let best = { waits: expected, misfit: Number.POSITIVE_INFINITY };
  for (const longestUs of LONGEST_US) {
    for (const share of SHARES) {
      const waits = { share, longestUs };
      const misfit = misfitOf(waits);
      if (misfit < best.misfit) best = { waits, misfit };
    }
  }
  return best.waits;
}

function computes({ profile }: ReplayedModel): boolean {
  return profile.hostCores.infer > 0;
}

/** How far waits are from what is expected, in squared standard deviations. */
function surprise({ share, longestUs }: ThreadWaits, expected: ThreadWaits): number {
  return (
    (Math.log(share / expected.share) / WITHIN.share) ** 2 +
    (Math.log(longestUs / EXPECTED_LONGEST_US) / WITHIN.longest) ** 2
  );
}

/**
 * How far replays are from one point with two models, in squared standard deviations: of each model beside which executions
 * compute.
 */
function pointMisfit(point: TogetherPoint, served: readonly ReplayedModel[]): number {
  const both = servedIn(point, served);
  if (both === undefined) return 0;
  const replays = replayTogether(point, both) ?? [];
  return replays.reduce((sum, { measured, predicted }, i) => {
    if (!computes(both[1 - i]!)) return sum;
    const squares = tailMisfit(measured, predicted);
    const inference = computes(both[i]!) ? 0 : inferenceMisfit(measured, predicted);
    return sum + (Number.isFinite(squares + inference) ? squares + inference : 0);
  }, 0);
}

function tailMisfit(measured: LatencyFigures, predicted: LatencyFigures): number {
  const off = (of: (figures: LatencyFigures) => number) =>
    Math.log(of(predicted) / predicted.p50Us) - Math.log(of(measured) / measured.p50Us);
  return (
    (off(({ p95Us }) => p95Us) / TAIL_WITHIN.p95) ** 2 + (off(({ p99Us }) => p99Us) / TAIL_WITHIN.p99) ** 2
  );
}

function inferenceMisfit(measured: LatencyFigures, predicted: LatencyFigures): number {
  const { fraction, ms } = INFERENCE_WITHIN;
  const measuredMs = measured.partsMs.infer;
  return ((predicted.partsMs.infer - measuredMs) / Math.hypot(ms, fraction * measuredMs)) ** 2;
}
