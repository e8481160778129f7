/** Over which of the streams that its requests share a tenant sends each: those of a sequence over one, all others in turn. */
export class StreamTurns {
  readonly #streams: number;
  #sent = 0;

  constructor(streams: number) {
    this.#streams = streams;
  }

  /** @param sequence of which the request is one, or 0 */
  next(sequence: number): number {
    return (sequence === 0 ? this.#sent++ : sequence) % this.#streams;
  }
}
