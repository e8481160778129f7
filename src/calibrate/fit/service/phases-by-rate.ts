import { mean, median, sum } from 'simple-statistics';
import { studentTQuantile } from '../../../metrics/statistics/student-t.js';
import type { ServicePoint } from '../../../profile/profile.js';
import type { RatedPhases, Serving } from '../../../profile/serving.js';
import type { Observation } from '../../observation.js';
import { bySparsity, type CountedLoad, denseLoads, requestsPerSOf, sparseLoads } from '../counted-loads.js';
import { byPhase, meanTimeUs, PHASES, type Phase, phasesByBatch, requestMeans } from '../phases.js';
import { tenths } from '../rounding.js';

/** What executions take by the rest of the profile, where threads do not sleep. */
export interface Awake {
  readonly service: readonly ServicePoint[];
  /** Building and sending the response to one request. */
  readonly responsePerRequestUs: number;
  /** What pauses cost the inference is fitted apart (`pauses/`): it must not count here again. */
  readonly hasPauses: boolean;
}

/**
 * What single executions under sparse loads took longer than the profile says under dense ones: the median over the loads of
 * about one rate. Sleeping threads are woken for an input, after an inference that waits, and for an output, and sleep
 * deeper the fewer requests the server gets: on two cores of an Intel host 35 us for each halving of the rate below 500 requests/s,
 * on every model alike, however busy others kept the cores. What may be noise is zero. Undefined where nothing shows, or no dense
 * load was measured.
 */
export function fitPhasesByRate(
  observations: readonly Observation[],
  model: string,
  awake: Awake,
): Serving['phasesByRate'] {
  const dense = denseLoads(observations, model).map(ratesOf);
  const sparse = sparseLoads(observations, model).flatMap((load) => longerUnder(load, awake) ?? []);
  if (dense.length === 0 || sparse.length === 0) return undefined;
  const { usual: usually, sparser } = bySparsity(sparse);
  const noise = noiseOf([usually, sparser], awake.service[0]!);
  const usual = together(usually, noise);
  const leastDense = dense.reduce((a, b) => (b.requestsPerS < a.requestsPerS ? b : a));
  if (leastDense.requestsPerS <= usual.requestsPerS) return undefined;
  const rated = [
    ...(sparser.length === 0 ? [] : [atLeast(together(sparser, noise), usual)]),
    usual,
    { ...roundedRates(leastDense), inputUs: 0, inferUs: 0, outputUs: 0 },
    // Of loads that differ by less than what rates are told by, the denser one stays.
  ].filter(({ requestsPerS }, i, all) => i + 1 === all.length || requestsPerS < all[i + 1]!.requestsPerS);
  if (rated.length < 2) return undefined;
  const longestUs = Math.max(...rated.flatMap((each) => PHASES.map((phase) => each[phase])));
  return longestUs === 0 ? undefined : rated;
}

type Rates = Required<Pick<RatedPhases, 'requestsPerS' | 'executionsPerS'>>;

function ratesOf(load: CountedLoad): Rates {
  const executions = load.counted.reduce((sum, { executionCount }) => sum + executionCount, 0);
  return { requestsPerS: requestsPerSOf(load), executionsPerS: executions / load.durationS };
}

function roundedRates({ requestsPerS, executionsPerS }: Rates): Rates {
  return { requestsPerS: tenths(requestsPerS), executionsPerS: tenths(executionsPerS) };
}

function longerUnder(
  load: CountedLoad,
  { service, responsePerRequestUs, hasPauses }: Awake,
): (RatedPhases & Rates) | undefined {
  const { counted } = load;
  const singles = counted.flatMap(phasesByBatch).filter(({ batchSize }) => batchSize === 1);
  if (singles.length === 0) return undefined;
  const usOf = (phase: Phase) => meanTimeUs(singles, [phase]);
  // Backends send a response within the output phase or after it.
  const afterUs = mean(counted.map((each) => requestMeans(each).overheadUs));
  const { inputMs, inferMs, outputMs } = service[0]!;
  return {
    ...ratesOf(load),
    inputUs: usOf('inputUs') - 1000 * inputMs,
    inferUs: hasPauses ? 0 : usOf('inferUs') - 1000 * inferMs,
    outputUs: usOf('outputUs') + afterUs - 1000 * outputMs - responsePerRequestUs,
  };
}

/** How far the middle of so many loads may be off in a phase by chance, microseconds. */
type Noise = (phase: Phase, loads: number) => number;

/**
 * The 95 % half-width from what loads of about one rate differ by, and what the service time may be off by. Of lone loads
 * nothing tells the former.
 */
function noiseOf(
  groups: readonly (readonly RatedPhases[])[],
  { relativeError, ...times }: ServicePoint,
): Noise {
  const measured = groups.filter(({ length }) => length > 0);
  const degrees = sum(measured.map(({ length }) => length - 1));
  const ownUs = { inputUs: times.inputMs, inferUs: times.inferMs, outputUs: times.outputMs };
  return (phase, loads) => {
    const squares = measured.flatMap((group) => {
      const usual = mean(group.map((load) => load[phase]));
      return group.map((load) => (load[phase] - usual) ** 2);
    });
    const scatterUs =
      degrees === 0 ? 0 : studentTQuantile(0.975, degrees) * Math.sqrt(sum(squares) / degrees / loads);
    return Math.hypot(scatterUs, relativeError * 1000 * ownUs[phase]);
  };
}

function together(loads: readonly (RatedPhases & Rates)[], noise: Noise): RatedPhases {
  const usOf = (phase: Phase) => {
    const longerUs = median(loads.map((load) => load[phase]));
    return longerUs > noise(phase, loads.length) ? tenths(longerUs) : 0;
  };
  return {
    ...roundedRates({
      requestsPerS: mean(loads.map(({ requestsPerS }) => requestsPerS)),
      executionsPerS: mean(loads.map(({ executionsPerS }) => executionsPerS)),
    }),
    ...byPhase(usOf),
  };
}

/** The sparser rate with no phase shorter than at the usual one: nothing wakes faster from a deeper sleep. */
function atLeast(sparser: RatedPhases, usual: RatedPhases): RatedPhases {
  return { ...sparser, ...byPhase((phase) => Math.max(sparser[phase], usual[phase])) };
}
