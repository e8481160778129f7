import { InputError } from '../../src/base/problem.js';
import type { WorkRule } from '../../src/calibrate/device-work.js';
import { crowdedTimes } from '../../src/profile/crowded.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import { fillOf, serviceTime } from '../../src/profile/service-time.js';
import { factorOf } from '../../src/profile/time-error.js';
import { simulate } from '../../src/simulator/simulate.js';
import { type Cell, parvaCells, parvaGpuProfiles, type SliceCells } from '../profiles/parvagpu.js';
import { shippedProfile } from '../profiles/published.js';
import { checkedScenario } from '../support/checked-scenario.js';
import type { IntervalPoint } from '../support/errors-by.js';
import { answeredRows } from '../support/latencies.js';
import { errorPercent } from '../support/points.js';
import { chooseRule, MEASURED_ERROR } from './choose-rule.js';
import { processesOf } from './scenario-files.js';

/** Processes from which on cells are predicted; no fit sees them. */
export const LEAST_PREDICTED = 4;

export interface MigPoint extends IntervalPoint {
  readonly model: string;
  readonly slice: string;
  readonly batchSize: number;
  readonly processes: number;
  readonly metric: 'throughputPerS' | 'latencyMs';
}

export interface MigReproduction {
  readonly points: readonly MigPoint[];
  readonly rule: WorkRule;
  readonly ruleError: number;
  /** Cells with several processes whose batch has no lone one to start from. */
  readonly withoutSolo: number;
  /** Whether shipped profiles predicted. */
  readonly isShipped: boolean;
}

export interface MigOptions {
  /** A table in the form of ParvaGPU's cells. */
  readonly file: string;
  /** Whether profiles are those that are shipped, byte for byte. */
  readonly isShipped: boolean;
  /** Models that have no part in the choice of the rule, by a text in their names. */
  readonly leftOut: string | undefined;
}

/** Predicts every cell of four and more processes, from those of up to three. */
export function reproduceMig({ file, isShipped, leftOut }: MigOptions): MigReproduction {
  const groups = parvaCells(file);
  const others = groups.filter(({ model }) => leftOut === undefined || !model.includes(leftOut));
  if (others.length === 0)
    throw InputError.of('no model is left to choose the rule by', 'give a longer text', {
      path: '--leave-out',
    });
  const { rule, error: ruleError } = chooseRule(others);
  const refitted = isShipped && leftOut === undefined ? undefined : parvaGpuProfiles(file, rule);
  const profileOf = (name: string) => refitted?.get(name) ?? shippedProfile(name);
  const { points, withoutSolo } = predictCells(groups, (group) => profileOf(group.file));
  return { points, rule, ruleError, withoutSolo, isShipped: refitted === undefined };
}

/** Every cell of four and more processes of which the profile knows a lone one. */
export function predictCells(
  groups: readonly SliceCells[],
  profileOf: (group: SliceCells) => ModelProfile | undefined,
): Pick<MigReproduction, 'points' | 'withoutSolo'> {
  let withoutSolo = 0;
  const points = groups.flatMap((group) => {
    const profile = profileOf(group);
    return group.cells
      .filter(({ processes }) => processes >= LEAST_PREDICTED)
      .flatMap((cell) => {
        if (profile?.service.some(({ batchSize }) => batchSize === cell.batchSize) === true)
          return pointsOf(group, cell, profile);
        withoutSolo++;
        return [];
      });
  });
  return { points, withoutSolo };
}

function pointsOf({ model, slice }: SliceCells, cell: Cell, profile: ModelProfile): readonly MigPoint[] {
  const { batchSize, processes, ms } = cell;
  const predictedMs = simulateProcesses(profile, { model, slice, batchSize, processes });
  const [least, most] = doubt(profile, cell);
  const perS = (latencyMs: number) => (1000 * batchSize) / latencyMs;
  const point = (metric: MigPoint['metric'], of: (latencyMs: number) => number): MigPoint => {
    const ends = [of(predictedMs * least), of(predictedMs * most)];
    return {
      ...{ model, slice, batchSize, processes, metric },
      ...{ measured: of(ms), predicted: of(predictedMs), low: Math.min(...ends), high: Math.max(...ends) },
      errorPercent: errorPercent(of(predictedMs), of(ms)),
    };
  };
  return [point('throughputPerS', perS), point('latencyMs', (latencyMs) => latencyMs)];
}

/** Factors to both ends of the 95 % interval: what is not known of the device's work, and the noise of one figure. */
function doubt(profile: ModelProfile, { batchSize, processes }: Cell): readonly [number, number] {
  const point = profile.service.find((each) => each.batchSize === batchSize)!;
  const fill = fillOf(profile, batchSize);
  const times = (factor: number) => crowdedTimes(fill * factor, processes * fill * factor);
  // What counts as filling the slice because no other batch size was measured may as well leave all of it.
  const [least, most] = point.deviceMs === undefined ? [0, 1] : endsOf(factorOf(point.deviceMsError ?? 0));
  const noise = Math.log(factorOf(MEASURED_ERROR));
  const reach = (end: number) => Math.exp(Math.hypot(Math.log(times(end) / times(1)), noise));
  return [1 / reach(least), reach(most)];
}

const endsOf = (factor: number) => [1 / factor, factor] as const;

/** Executions of each process in a run; all take the same, so that a few are enough. */
const EXECUTIONS = 40;

/** Mean latency of the scenario that a file of the results plays. */
function simulateProcesses(profile: ModelProfile, cell: Parameters<typeof processesOf>[0]): number {
  const aloneMs = serviceTime(profile, cell.batchSize).inferMs;
  const durationS = Math.ceil(aloneMs * cell.processes * EXECUTIONS * 1000) / 1e6;
  const fields = { name: 'mig', durationS, ...processesOf(cell) };
  const { log } = simulate(checkedScenario(fields, [profile]));
  const latenciesUs = answeredRows(log, 0).map((row) => log.endedUs[row]! - log.sentUs[row]!);
  return latenciesUs.reduce((sum, us) => sum + us, 0) / latenciesUs.length / 1000;
}
