import * as z from 'zod';
import { MOST_INFERENCES } from '../columns.js';

/** Beyond this a rate is a slip of the unit: it is a request every nanosecond. */
const MAX_RATE_PER_S = 1e9;
const MAX_SECONDS = 1e12;
/** Limits of a gap's coefficient of variation. Beyond the upper one no run is long enough to show the rate. */
const CV_RANGE = { min: 0.001, max: 100 } as const;
/** Shorter dwells and bins would take more steps than any trace has requests. */
const MIN_STEP_S = 1e-4;

const rate = z.number().min(0).max(MAX_RATE_PER_S);
const positiveRate = z.number().positive().max(MAX_RATE_PER_S);
const seconds = z.number().min(0).max(MAX_SECONDS);
const stepSeconds = z.number().min(MIN_STEP_S).max(MAX_SECONDS);
const phase = z
  .number()
  .min(0)
  .lt(1)
  .describe('When the first request comes, as a part of a gap. Default: drawn.');
const cv = z
  .number()
  .min(CV_RANGE.min, `must be at least ${CV_RANGE.min}; for evenly spaced requests use constant`)
  .max(CV_RANGE.max)
  .describe('Coefficient of variation of the gaps: 1 as in poisson, above bursty, below regular.');
const meanRate = positiveRate.describe('Requests per second, on average.');

/**
 * Law of the gaps of a process whose rate changes, in operational time (that is, with time stretched so that the rate
 * is 1). Exponential: a nonhomogeneous Poisson process.
 */
const gapsSchema = z.discriminatedUnion('law', [
  z.strictObject({ law: z.literal('constant'), phase: phase.exactOptional() }),
  z.strictObject({ law: z.literal('exponential') }),
  z.strictObject({ law: z.literal('gamma'), cv }),
  z.strictObject({ law: z.literal('weibull'), cv }),
]);

const gaps = gapsSchema
  .exactOptional()
  .describe('How requests lie around the rate of the moment. Default: exponential, as in poisson.');

const constant = z.strictObject({
  kind: z.literal('constant'),
  ratePerS: meanRate,
  phase: phase.exactOptional(),
});

const poisson = z.strictObject({ kind: z.literal('poisson'), ratePerS: meanRate });

const gamma = z.strictObject({ kind: z.literal('gamma'), ratePerS: meanRate, cv });

const weibull = z.strictObject({ kind: z.literal('weibull'), ratePerS: meanRate, cv });

/**
 * Markov-modulated Poisson process: Poisson requests whose rate is that of the present state. A state lasts an
 * exponential time; each of the others is equally likely to follow it.
 */
const mmpp = z.strictObject({
  kind: z.literal('mmpp'),
  states: z
    .array(
      z.strictObject({
        ratePerS: rate.describe('Requests per second in this state.'),
        meanDwellS: stepSeconds.describe('Seconds that it lasts, on average.'),
      }),
    )
    .min(2, { error: 'needs at least 2 states; with one rate use poisson', abort: true })
    .refine(
      (states) => states.some(({ ratePerS }) => ratePerS > 0),
      'no state has a rate; give one a ratePerS above 0',
    )
    .describe('States between which a Markov chain switches.'),
});

/** An MMPP of two states, said by what is seen from outside: calm times and bursts. */
const bursty = z.strictObject({
  kind: z.literal('bursty'),
  ratePerS: meanRate,
  burstRatio: z
    .number()
    .gt(1, 'must be > 1')
    .max(1e9, 'must be <= 1e9; for silence between bursts use onOff')
    .describe('Rate in a burst over the rate in calm times.'),
  burstShare: z.number().min(1e-6).max(0.999999).describe('Part of the time that is burst.'),
  meanBurstS: stepSeconds.describe('Seconds that a burst lasts, on average.'),
});

/** Poisson requests while on, none while off; both last exponential times (interrupted Poisson process). */
const onOff = z.strictObject({
  kind: z.literal('onOff'),
  onRatePerS: positiveRate.describe('Requests per second while on.'),
  meanOnS: stepSeconds.describe('Seconds on, on average.'),
  meanOffS: stepSeconds.describe('Seconds off, on average.'),
});

/** Rate of a cosine: mean × (1 + amplitude × cos(2π (t - peakAt) / period)). */
const diurnal = z.strictObject({
  kind: z.literal('diurnal'),
  meanRatePerS: meanRate,
  amplitude: z.number().min(0).max(1).describe('0 = flat, 1 = no requests at the lowest point.'),
  periodS: stepSeconds.describe('From peak to peak, e.g. 86400 for a day.'),
  peakAtS: seconds.describe('When the rate is highest.'),
  gaps,
});

/** Straight lines from the base rate to the peak and back. */
const flashCrowd = z
  .strictObject({
    kind: z.literal('flashCrowd'),
    baseRatePerS: rate.describe('Requests per second before and after.'),
    peakRatePerS: positiveRate.describe('Requests per second at the peak.'),
    startS: seconds.describe('When the rate begins to rise.'),
    rampUpS: seconds.describe('How long it rises.'),
    holdS: seconds.describe('How long the peak lasts.'),
    decayS: seconds.describe('How long it falls.'),
    gaps,
  })
  .refine(({ baseRatePerS, peakRatePerS }) => peakRatePerS > baseRatePerS, {
    path: ['peakRatePerS'],
    error: 'is not above baseRatePerS; write a higher rate',
  });

/** A straight line over the whole length of the trace. */
const ramp = z
  .strictObject({
    kind: z.literal('ramp'),
    fromRatePerS: rate.describe('Requests per second at the beginning.'),
    toRatePerS: rate.describe('Requests per second at the end.'),
    gaps,
  })
  .refine(({ fromRatePerS, toRatePerS }) => fromRatePerS > 0 || toRatePerS > 0, {
    path: ['toRatePerS'],
    error: 'both rates are 0; write one above 0',
  });

/** Spread evenly within each bin; ends after the last. */
const counts = z
  .strictObject({
    kind: z.literal('counts'),
    counts: z
      .array(z.number().min(0))
      .min(1, { abort: true })
      .refine((bins) => bins.some((count) => count > 0), 'all bins are empty; give one more than 0 requests')
      .describe('Requests expected in each bin.'),
    binS: stepSeconds.describe('Length of a bin.'),
    repeat: z.boolean().exactOptional().describe('Begin again after the last bin. Default: no.'),
    gaps,
  })
  .refine((process) => process.counts.every((count) => count / process.binS <= MAX_RATE_PER_S), {
    path: ['counts'],
    error: `a bin has more than ${MAX_RATE_PER_S} requests per second; lower it or lengthen binS`,
  });

export const arrivalProcessSchema = z.discriminatedUnion('kind', [
  constant,
  poisson,
  gamma,
  weibull,
  mmpp,
  bursty,
  onOff,
  diurnal,
  flashCrowd,
  ramp,
  counts,
]);

const batchSize = z.int().min(1).max(MOST_INFERENCES);

export const batchSizesSchema = z.union([
  batchSize,
  z
    .array(
      z.strictObject({
        batchSize: batchSize.describe('Inferences in a request.'),
        weight: z.number().min(0).max(1e15).describe('How often, in proportion to the others.'),
      }),
    )
    .min(1, { abort: true })
    .refine((sizes) => sizes.some(({ weight }) => weight > 0), 'all weights are 0; give one more than 0'),
]);
