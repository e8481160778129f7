import type { ArrivalProcess } from '../../../trace/synthesis/process.js';

interface ProcessKind {
  readonly description: string;
  readonly example: ArrivalProcess;
}

/** Every kind of arrival process, with one that can be edited. */
export const PROCESS_KINDS: { readonly [Kind in ArrivalProcess['kind']]: ProcessKind } = {
  constant: { description: 'evenly spaced', example: { kind: 'constant', ratePerS: 100 } },
  poisson: { description: 'independent requests', example: { kind: 'poisson', ratePerS: 100 } },
  gamma: {
    description: 'gamma gaps; CV above 1 bursty, below 1 regular',
    example: { kind: 'gamma', ratePerS: 100, cv: 2 },
  },
  weibull: {
    description: 'Weibull gaps with a given CV',
    example: { kind: 'weibull', ratePerS: 100, cv: 2 },
  },
  mmpp: {
    description: 'Poisson, its rate switched by a Markov chain',
    example: {
      kind: 'mmpp',
      states: [
        { ratePerS: 50, meanDwellS: 20 },
        { ratePerS: 400, meanDwellS: 2 },
      ],
    },
  },
  bursty: {
    description: 'calm times and bursts',
    example: { kind: 'bursty', ratePerS: 100, burstRatio: 10, burstShare: 0.1, meanBurstS: 2 },
  },
  onOff: {
    description: 'Poisson while on, silent while off',
    example: { kind: 'onOff', onRatePerS: 200, meanOnS: 5, meanOffS: 5 },
  },
  diurnal: {
    description: 'rate of a cosine, such as over a day',
    example: { kind: 'diurnal', meanRatePerS: 100, amplitude: 0.6, periodS: 86_400, peakAtS: 50_400 },
  },
  flashCrowd: {
    description: 'a sudden peak over a base rate',
    example: {
      kind: 'flashCrowd',
      baseRatePerS: 50,
      peakRatePerS: 500,
      startS: 20,
      rampUpS: 2,
      holdS: 5,
      decayS: 20,
    },
  },
  ramp: {
    description: 'rate in a straight line from one to another',
    example: { kind: 'ramp', fromRatePerS: 10, toRatePerS: 300 },
  },
  counts: {
    description: 'expected requests per bin of time',
    example: { kind: 'counts', counts: [100, 250, 180], binS: 1, repeat: true },
  },
};

export const PROCESS_KIND_NAMES = Object.keys(PROCESS_KINDS) as readonly ArrivalProcess['kind'][];

/** A process as it can be written after --process-json in a shell. */
export function processAsArgument(process: ArrivalProcess): string {
  return `'${JSON.stringify(process)}'`;
}

export function processKindsToText(): string {
  const kinds = Object.entries(PROCESS_KINDS).map(
    ([kind, { description, example }]) =>
      `${kind}: ${description}\n  --process-json ${processAsArgument(example)}\n`,
  );
  return kinds.join('');
}
