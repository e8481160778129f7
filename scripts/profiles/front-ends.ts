import { existsSync, readFileSync } from 'node:fs';
import { median } from 'simple-statistics';
import { NEUTRAL } from '../nvidia/fit-front-end.js';
import type { SharedFrontEnd } from '../nvidia/front-end.js';

/** The front end of the machine behind each GPU of NVIDIA's tables, as `npm run reproduce:nvidia` fits it. */
export type FrontEnds = Readonly<Record<string, SharedFrontEnd>>;

export const FRONT_ENDS = 'calibration/front-ends.json';

export function readFrontEnds(file = FRONT_ENDS): FrontEnds {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as FrontEnds) : {};
}

/** The same front end where bytes cost so many times as much. */
export function atBytes(frontEnd: SharedFrontEnd, times: number): SharedFrontEnd {
  const { serialMsPerKb, parallelMsPerKb, inputMsPerKb } = frontEnd;
  return {
    ...frontEnd,
    serialMsPerKb: serialMsPerKb * times,
    parallelMsPerKb: parallelMsPerKb * times,
    inputMsPerKb: inputMsPerKb * times,
  };
}

/** Of a GPU whose machine was not fitted, what the others have: each time the median. Where there is none, a neutral one. */
export function frontEndOf(frontEnds: FrontEnds, device: string): SharedFrontEnd {
  const own = frontEnds[device];
  if (own !== undefined) return own;
  const all = Object.values(frontEnds);
  if (all.length === 0) return NEUTRAL;
  const names = Object.keys(all[0]!) as (keyof SharedFrontEnd)[];
  const middle = names.map((name) => [name, median(all.map((each) => each[name]))]);
  return Object.fromEntries(middle) as SharedFrontEnd;
}
