import type { Experiment } from './experiment.js';
import { measure } from './measure.js';
import { GeneratorBehind, Interrupted, type MeasureContext } from './measure-part.js';
import type { Observation } from './observation.js';

/** A machine that stalls or does something else is given another chance before a point is refused for good, or taken as it is. */
export const TRIES = 3;
/** Cores that something else may keep busy, beyond what it always does, before a point is measured again. */
const DISTURBED_CORES = 0.15;
/** Part of the time for all points that repetitions may take: a machine that is never quiet is measured as it is. */
const FOR_REPETITIONS = 0.1;

/**
 * Measures one point; undefined where the load generator fell behind each time.
 * @param onDisturbed told how many cores something else kept busy, before the point is measured again
 * @throws Interrupted, LiveError
 */
export type MeasurePatiently = (
  experiment: Experiment,
  context: MeasureContext,
  onDisturbed: (otherCores: number) => void,
) => Promise<Observation | undefined>;

/**
 * Measures points of one calibration. Of a point that something else on the machine disturbed, the try counts in which it did
 * least. A minute of a compiler beside them once made executions longer in points that looked as good as all others.
 */
export function measuringPatiently(budgetS: number): MeasurePatiently {
  let leftS = FOR_REPETITIONS * budgetS;
  let usualCores = Number.POSITIVE_INFINITY;
  return async (experiment, context, onDisturbed) => {
    let best: { readonly observation: Observation; readonly otherCores: number } | undefined;
    for (let tries = 1; tries <= TRIES; tries++) {
      if (context.signal?.aborted === true) throw new Interrupted();
      const { server } = context;
      const [coresOfOthers, startMs] = [server.watchOthers(), server.nowMs()];
      const observation = await unlessBehind(measure(experiment, context));
      if (observation === undefined) continue;
      const otherCores = coresOfOthers() ?? 0;
      usualCores = Math.min(usualCores, otherCores);
      if (best === undefined || otherCores < best.otherCores) best = { observation, otherCores };
      const takenS = (server.nowMs() - startMs) / 1000;
      if (tries === TRIES || otherCores <= usualCores + DISTURBED_CORES || takenS > leftS) break;
      leftS -= takenS;
      onDisturbed(otherCores);
    }
    return best?.observation;
  };
}

async function unlessBehind(measured: Promise<Observation>): Promise<Observation | undefined> {
  try {
    return await measured;
  } catch (error) {
    if (error instanceof GeneratorBehind) return undefined;
    throw error;
  }
}
