/**
 * How the requests of one tenant arrive, as plain data: what a scenario file and `trace generate`
 * accept. All rates are requests per second, all times seconds. Every process starts stationary and
 * offers its stated rate from the first moment: the expected number of requests in any window is
 * the integral of the rate over it, whatever the gaps' coefficient of variation.
 */
export type ArrivalProcess =
  | ConstantProcess
  | PoissonProcess
  | GammaProcess
  | WeibullProcess
  | MmppProcess
  | BurstyProcess
  | OnOffProcess
  | DiurnalProcess
  | FlashCrowdProcess
  | RampProcess
  | CountsProcess;

/** Evenly spaced requests. */
export interface ConstantProcess {
  readonly kind: 'constant';
  readonly ratePerS: number;
  /**
   * When the first request comes, as a part of a gap in [0, 1). Left out, it is drawn, so that
   * tenants with the same rate do not all arrive at the same instants.
   */
  readonly phase?: number;
}

/** Independent requests: exponential gaps. */
export interface PoissonProcess {
  readonly kind: 'poisson';
  readonly ratePerS: number;
}

/** Independent gamma gaps with coefficient of variation `cv`: above 1 bursty, below 1 regular. */
export interface GammaProcess {
  readonly kind: 'gamma';
  readonly ratePerS: number;
  readonly cv: number;
}

/** Independent Weibull gaps with coefficient of variation `cv`. */
export interface WeibullProcess {
  readonly kind: 'weibull';
  readonly ratePerS: number;
  readonly cv: number;
}

/**
 * Markov-modulated Poisson process: Poisson requests whose rate is that of the present state. A
 * state lasts an exponential time; each of the others is equally likely to follow it. It starts in
 * its stationary state.
 */
export interface MmppProcess {
  readonly kind: 'mmpp';
  readonly states: readonly MmppState[];
}

export interface MmppState {
  readonly ratePerS: number;
  readonly meanDwellS: number;
}

/** An MMPP of two states, said by what is seen from outside: calm times and bursts. */
export interface BurstyProcess {
  readonly kind: 'bursty';
  /** Mean over calm times and bursts. */
  readonly ratePerS: number;
  /** Rate in a burst over rate in calm times, > 1. */
  readonly burstRatio: number;
  /** Part of the time that is burst, in (0, 1). */
  readonly burstShare: number;
  readonly meanBurstS: number;
}

/** Poisson requests while on, none while off; both last exponential times (interrupted Poisson process). */
export interface OnOffProcess {
  readonly kind: 'onOff';
  readonly onRatePerS: number;
  readonly meanOnS: number;
  readonly meanOffS: number;
}

/** Rate of a cosine: mean × (1 + amplitude × cos(2π (t - peakAt) / period)). */
export interface DiurnalProcess {
  readonly kind: 'diurnal';
  readonly meanRatePerS: number;
  /** 0 = flat, 1 = no requests at the lowest point. */
  readonly amplitude: number;
  readonly periodS: number;
  readonly peakAtS: number;
  readonly gaps?: Gaps;
}

/**
 * Base rate; from `startS` a straight rise to the peak within `rampUpS`, the peak for `holdS`, a
 * straight fall within `decayS`, then the base rate again.
 */
export interface FlashCrowdProcess {
  readonly kind: 'flashCrowd';
  readonly baseRatePerS: number;
  readonly peakRatePerS: number;
  readonly startS: number;
  readonly rampUpS: number;
  readonly holdS: number;
  readonly decayS: number;
  readonly gaps?: Gaps;
}

/** Rate that changes in a straight line from one value to another over the whole length of the trace. */
export interface RampProcess {
  readonly kind: 'ramp';
  readonly fromRatePerS: number;
  readonly toRatePerS: number;
  readonly gaps?: Gaps;
}

/** Expected requests per bin of time, spread evenly within each bin; ends after the last. */
export interface CountsProcess {
  readonly kind: 'counts';
  readonly counts: readonly number[];
  readonly binS: number;
  /** Starts again after the last bin (a profile of a day, say). Default false. */
  readonly repeat?: boolean;
  readonly gaps?: Gaps;
}

/**
 * Law of the gaps of a process whose rate changes, in operational time (that is, with time
 * stretched so that the rate is 1). Default exponential: a nonhomogeneous Poisson process.
 */
export type Gaps =
  | { readonly law: 'constant'; readonly phase?: number }
  | { readonly law: 'exponential' }
  | { readonly law: 'gamma'; readonly cv: number }
  | { readonly law: 'weibull'; readonly cv: number };
