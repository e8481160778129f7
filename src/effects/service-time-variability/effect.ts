import * as z from 'zod';
import type { Immutable } from '../../base/immutable.js';
import { asEver, type EffectStudy, effect, unscaled } from '../effect.js';
import { addIssue, cv } from '../values.js';

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

/** How single executions vary around their mean; fitted, not assumed. Empirical: probabilities (i + 0.5) / n. */
export type Spread = Immutable<z.output<typeof schema>>;

export interface SpreadFields {
  readonly spread: Spread;
}

/** Each execution takes a time of its own around the mean. */
export const serviceTimeVariability = effect({
  name: 'service-time-variability',
  schema: { spread: schema },
});

export const serviceTimeVariabilityStudy = {
  // `profile show` has a table of its own for it.
  describe: () => [],
  scale: unscaled,
  none: () => ({ spread: { law: 'none' } }),
  least: asEver,
  variation: ({ spread }) => (isWide(spread) ? { of: 'executions', spread } : undefined),
  cause: {
    code: 'service-time-variability',
    text: 'executions take longer and shorter than their mean, each by itself; if none varied',
  },
} as const satisfies EffectStudy<SpreadFields>;

/** Whether draws from a spread differ at all. */
function isWide(spread: Spread): boolean {
  return spread.law === 'empirical' || (spread.law !== 'none' && spread.cv > 0);
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
