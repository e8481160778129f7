import { remembered } from '../../../base/remembered.js';

/** Numbers what calls hold by the content of the request that makes them, and by their place among its calls. */
export class CalledContents {
  readonly #numbers = new Map<string, number>();

  of(contentKey: number, place: number): number {
    if (contentKey === 0 || Number.isNaN(place)) return 0;
    return remembered(this.#numbers, `${contentKey} ${place}`, () => FIRST_CALLED + this.#numbers.size);
  }
}

/** Above all contents that a trace may number. */
const FIRST_CALLED = 2 ** 41;
