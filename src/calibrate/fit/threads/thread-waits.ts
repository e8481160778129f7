import type { ThreadWaits } from '../../../profile/serving.js';
import { LATE_US, type Lateness, type Observation } from '../../observation.js';
import { TURN_S } from '../../turns.js';
import { timeUs } from '../phases.js';

/** Two threads wake one after the other before perseus' load generator sends: its alarm clock and itself. */
const WAKE_UPS = 2;
/** With more cores one is free nearly always, and averages do not tell when none was. */
const MOST_CORES = 2;
/** Executions that compute for less of the time show nothing; of a load without any, this is what others disturb. */
const LEAST_COMPUTING = 0.05;
/** Fewer late ones say nothing about how late. */
const LEAST_LATE = 30;
const MOST_SHARE = 0.5;
const LONGEST_US = { least: 1000, most: 20_000 } as const;

/**
 * What threads wait that wake while executions compute on other cores, as the load generator's own threads show it:
 * how many more of its requests left late the more of the time executions computed, and how late. Undefined where the
 * generator does not share the server's cores (nothing was counted), there are more than two, or nothing shows.
 * @param computing models whose executions compute
 */
export function fitThreadWaits(
  observations: readonly Observation[],
  computing: ReadonlySet<string>,
  cores: number | undefined,
): ThreadWaits | undefined {
  if (cores === undefined || cores > MOST_CORES) return undefined;
  const loads = observations.flatMap((observation) => loadsOf(observation, computing));
  const idle = addUp(loads.filter((load) => load.computing < LEAST_COMPUTING));
  const busy = loads.filter((load) => load.computing >= LEAST_COMPUTING);
  const { late, lateUs } = addUp(busy);
  if (late < LEAST_LATE) return undefined;
  // Uniform waits of which those above a threshold are seen.
  const meanUs = Math.max(LATE_US, lateUs / late);
  const longestUs = Math.min(LONGEST_US.most, Math.max(LONGEST_US.least, 2 * meanUs - LATE_US));
  const usualShare = idle.sends === 0 ? 0 : idle.late / idle.sends;
  const wakeUps = busy.reduce((sum, load) => sum + WAKE_UPS * load.sends * load.computing, 0);
  const caused = busy.reduce((sum, load) => sum + load.late - usualShare * load.sends, 0);
  const share = Math.min(MOST_SHARE, caused / wakeUps / (1 - LATE_US / longestUs));
  if (!(share > 0)) return undefined;
  return { share: Math.round(share * 1e4) / 1e4, longestUs: Math.round(longestUs) };
}

/** How many executions computed on average meanwhile. */
interface ComputingLoad extends Lateness {
  readonly computing: number;
}

function loadsOf(
  { durationS, statistics, lateness, turns }: Observation,
  computes: ReadonlySet<string>,
): ComputingLoad[] {
  const computing = (counted: Observation['statistics'], seconds: number) =>
    timeUs(
      counted.filter(({ model }) => computes.has(model)),
      ['inferUs'],
    ) /
    (seconds * 1e6);
  const inTurns = (turns ?? []).flatMap((turn) =>
    turn.lateness === undefined ? [] : [{ ...turn.lateness, computing: computing(turn.statistics, TURN_S) }],
  );
  if (inTurns.length > 0) return inTurns;
  return lateness === undefined ? [] : [{ ...lateness, computing: computing(statistics, durationS) }];
}

function addUp(loads: readonly Lateness[]): Lateness {
  return loads.reduce(
    (sum, { sends, late, lateUs }) => ({
      sends: sum.sends + sends,
      late: sum.late + late,
      lateUs: sum.lateUs + lateUs,
    }),
    { sends: 0, late: 0, lateUs: 0 },
  );
}

/** Of a thread that wakes while an execution computes for that share of the time. */
export function meanWaitUs(waits: ThreadWaits | undefined, busyShare: number): number {
  return waits === undefined ? 0 : (busyShare * waits.share * waits.longestUs) / 2;
}

/** Between the two time stamps of an inference: the backend's process for the execution, and the server's thread after it. */
const WAKE_UPS_OF_INFERENCE = 2;

/** Of what an inference takes beside an execution that computes for that share of the time. */
export function waitsInInferenceUs(waits: ThreadWaits | undefined, busyShare: number): number {
  return WAKE_UPS_OF_INFERENCE * meanWaitUs(waits, busyShare);
}
