import type { Search } from './search-setting.js';

/** What is begun together of what may be left out: the clock is asked again before the next. */
const AT_ONCE = 2;

/** Does as many as there is time for, in their order. */
export function* fewAtOnce<Input, Output>(
  inputs: readonly Input[],
  hasTime: () => boolean,
  evaluateSome: (inputs: readonly Input[]) => Search<Output[]>,
): Search<Output[]> {
  const done: Output[] = [];
  for (let at = 0; at < inputs.length && hasTime(); at += AT_ONCE) {
    done.push(...(yield* evaluateSome(inputs.slice(at, at + AT_ONCE))));
  }
  return done;
}
