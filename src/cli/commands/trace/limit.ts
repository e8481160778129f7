import { InputError } from '../../../base/problem.js';

/** Requests that a command makes at most, as in a scenario: more would not fit into a machine's memory. */
export const MOST_REQUESTS = 200_000_000;

/** @throws InputError when a command would make more requests than it may */
export function checkRequestCount(expected: number): void {
  if (!(expected > MOST_REQUESTS)) return;
  throw InputError.of(
    `the trace would have about ${expected.toPrecision(3)} requests`,
    `make it shorter or lower its rate: at most ${MOST_REQUESTS}`,
  );
}
