/** What is fitted for one model on one GPU; all else about a test is a set-up fact. */
export interface ModelConstants {
  /** Time of one batch of 8 on an instance: with the GPU, and on the host before it, ms. */
  readonly gpuMs: number;
  readonly hostMs: number;
  /** Mean host CPU time of one request before it is queued, ms. */
  readonly frontEndMs: number;
}

/** What both models share. */
export interface SharedConstants {
  /** Coefficients of variation of a batch's time and of a request's front-end time. */
  readonly batchCv: number;
  readonly frontEndCv: number;
  /** The GPU part takes `msPerIdleMs` longer for each millisecond of idling beyond `freeMs`, up to `maxIdleMs`. */
  readonly linearIdlePenalty: {
    readonly freeMs: number;
    readonly msPerIdleMs: number;
    readonly maxIdleMs: number;
  };
}

export const BATCH = 8;

/** Time of one batch of 8 on an instance that nothing slows down, ms. */
export function serviceMs({ gpuMs, hostMs }: ModelConstants): number {
  return gpuMs + hostMs;
}
