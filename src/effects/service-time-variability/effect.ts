import { mean, standardDeviation } from 'simple-statistics';
import * as z from 'zod';
import { asEver, effect, staysInModel, unscaled } from '../effect.js';
import { addIssue, cv } from '../values.js';
import { SPREAD_LAWS } from './laws.js';

/** How single executions vary around their mean. */
export type Spread =
  | { readonly law: 'none' }
  | { readonly law: 'lognormal' | 'gamma'; readonly cv: number }
  /** Ratios to the mean at equally spaced probabilities (i + 0.5) / n, ascending, mean 1. */
  | { readonly law: 'empirical'; readonly ratios: readonly number[] };

export interface SpreadFields {
  /** Spread of one execution's service time around its mean; fitted, not assumed. */
  readonly spread: Spread;
}

const schema = z
  .discriminatedUnion('law', [
    z.strictObject({ law: z.literal('none') }),
    z.strictObject({ law: z.enum(['lognormal', 'gamma']).describe('Family of the distribution'), cv }),
    z.strictObject({
      law: z.literal('empirical'),
      ratios: z
        .array(z.number().min(0).max(1e6))
        .min(2)
        .max(10_000)
        .readonly()
        .superRefine(checkRatios)
        .describe('Ratios to the mean at equally spaced probabilities, ascending, mean 1'),
    }),
  ])
  .describe('Distribution of the service time of one execution around its mean');

/** Each execution takes a time of its own around the mean. */
export const serviceTimeVariability = effect<SpreadFields>()({
  name: 'service-time-variability',
  schema: { spread: schema },
  // `profile show` has a table of its own for it.
  describe: () => [],
  scale: unscaled,
  none: () => ({ spread: { law: 'none' } }),
  least: asEver,
  variation: ({ spread }) =>
    cvOf(spread) === 0
      ? undefined
      : { of: 'executions', cv: cvOf(spread), leastRatio: Math.min(1, leastRatio(spread)) },
  couples: staysInModel,
  cause: {
    code: 'service-time-variability',
    text: 'executions take longer and shorter than their mean, each by itself; if none varied',
  },
});

/** Coefficient of variation of a spread. */
export function cvOf(spread: Spread): number {
  if (spread.law === 'none') return 0;
  if (spread.law !== 'empirical') return spread.cv;
  const ratios = [...spread.ratios];
  return standardDeviation(ratios) / mean(ratios);
}

const SHORTEST_OF = 1e-6;

/** Part of its mean below which at most one execution in a million ends. */
export function leastRatio(spread: Spread): number {
  if (spread.law === 'none') return 1;
  if (spread.law !== 'empirical')
    return spread.cv === 0 ? 1 : SPREAD_LAWS[spread.law].quantile(spread.cv, SHORTEST_OF);
  return spread.ratios[0]! / mean([...spread.ratios]);
}

/** Mean of the ratios of an empirical spread may differ from 1 by rounding only. */
const MEAN_TOLERANCE = 0.01;

/** Ratios ascend and have mean 1. */
function checkRatios(ratios: readonly number[], context: z.RefinementCtx): void {
  const descent = ratios.findIndex((ratio, i) => i > 0 && ratio < ratios[i - 1]!);
  if (descent >= 0) {
    addIssue(context, [descent], `ratio ${ratios[descent]} is less than the one before`, 'sort the ratios');
  }
  const average = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  if (Math.abs(average - 1) > MEAN_TOLERANCE) {
    addIssue(
      context,
      [],
      `the ratios have mean ${Number(average.toFixed(4))}, not 1`,
      'divide them by their mean',
    );
  }
}
