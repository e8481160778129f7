/**
 * The payload that the batcher is building. First it is empty; with its first requests it goes into the payload
 * queue, where it grows while it waits for an instance; once an instance has taken it nothing joins it any more.
 */
export class GrowingPayload {
  /** Where it is in the payload queue; -1 while it is empty and after an instance has taken it. */
  slot = -1;
  /** Inferences in it. */
  batch = 0;
  /** Shape class of its requests, where shapes must be equal. */
  shape = 0;
  /** Nothing more may join it: it has its largest size, or the next request does not fit. */
  saturated = false;
  /** An instance has taken it. */
  stale = false;
  /** Inferences that must wait before the next larger preferred size can be reached. */
  nextPreferred = 0;

  /** Whether it waits in the payload queue. */
  get scheduled(): boolean {
    return this.slot >= 0;
  }

  /** Whether the next request that is taken begins another payload. */
  get finished(): boolean {
    return this.saturated || this.stale;
  }

  /** Begins the next payload, which is empty. */
  begin(): void {
    this.slot = -1;
    this.batch = 0;
    this.saturated = false;
    this.stale = false;
    this.nextPreferred = 0;
  }

  /** An instance has taken it, or it was merged into one that an instance has taken. */
  freeze(): void {
    this.stale = true;
    this.slot = -1;
  }
}
