import { mean } from 'simple-statistics';
import {
  LATENCY_PARTS,
  type LatencyErrors,
  type LatencyPart,
  type ModelProfile,
} from '../../profile/profile.js';
import type { LatencyFigures } from './replay/replay.js';
import type { ReplayFit } from './replay/replay-fits.js';
import { hundredths } from './rounding.js';
import type { ServiceResidual } from './service/service.js';

/** What a profile says of how well it was fitted; undefined where nothing was measured that it could be compared with. */
export function summaryOf(
  { service: points }: Pick<ModelProfile, 'service'>,
  {
    residuals,
    replays,
  }: { readonly residuals: readonly ServiceResidual[]; readonly replays: readonly ReplayFit[] },
): ModelProfile['fit'] {
  const errors = replays.map(({ measured, predicted }) =>
    Math.abs(100 * (predicted.meanUs / measured.meanUs - 1)),
  );
  const service = residuals.map(({ measuredUs, fittedUs }) => Math.abs(100 * (fittedUs / measuredUs - 1)));
  const all = errors.length > 0 ? errors : service;
  if (all.length === 0) return undefined;
  return {
    method: 'batch statistics, saturated cycle, replayed open-loop points (src/calibrate/fit)',
    points: points.length + replays.length,
    heldOut: replays.filter(({ heldOut }) => heldOut).length,
    meanErrorPercent: hundredths(mean(all)),
    maxErrorPercent: hundredths(Math.max(...all)),
    ...(replays.length > 0 && { latencyErrorPercent: latencyErrors(replays) }),
  };
}

/** A part of which next to nothing is predicted may be off by any factor. */
const MOST_PERCENT = 300;

function latencyErrors(replays: readonly ReplayFit[]): LatencyErrors {
  const rootMeanSquare = (of: (figures: LatencyFigures) => number, isOf: 'measured' | 'predicted') => {
    const squares = replays
      .map(({ measured, predicted }) => {
        const whole = of(isOf === 'measured' ? measured : predicted);
        return (100 * (of(predicted) - of(measured))) / whole;
      })
      .filter(Number.isFinite)
      .map((percent) => Math.min(MOST_PERCENT, Math.abs(percent)) ** 2);
    return squares.length === 0 ? 0 : hundredths(Math.sqrt(mean(squares)));
  };
  const of = (key: 'meanUs' | 'p50Us' | 'p95Us' | 'p99Us') =>
    rootMeanSquare((figures) => figures[key], 'measured');
  // An interval is a part of what is predicted.
  const parts = LATENCY_PARTS.map((part) => [
    part,
    rootMeanSquare(({ partsMs }) => partsMs[part], 'predicted'),
  ]);
  return {
    mean: of('meanUs'),
    p50: of('p50Us'),
    p95: of('p95Us'),
    p99: of('p99Us'),
    parts: Object.fromEntries(parts) as Record<LatencyPart, number>,
  };
}
