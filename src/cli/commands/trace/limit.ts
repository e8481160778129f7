import { InputError } from '../../../base/problem.js';
import { MOST_STEPS } from '../../../scenario/check/load-size.js';

/** @throws InputError when a command would make more requests than a scenario may */
export function requireScenarioSize(expected: number): void {
  if (!(expected > MOST_STEPS)) return;
  throw InputError.of(
    `the trace would have about ${expected.toPrecision(3)} requests`,
    `make it shorter or lower its rate: at most ${MOST_STEPS}`,
  );
}
