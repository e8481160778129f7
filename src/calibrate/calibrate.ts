import { given } from '../base/given.js';
import { LiveError } from '../live/inference-client.js';
import { type GivenInputs, inputHint } from '../live/model-inputs.js';
import type { FoundModel } from '../live/reload-model.js';
import type { ModelConfig } from '../scenario/model-config.js';
import { type Caller, withCallers } from './composed/with-callers.js';
import { designExperiments } from './design.js';
import { type DesignOptions, type Experiment, modelsOf } from './experiment.js';
import { executionUs, meanPhases } from './fit/phases.js';
import { otherWork } from './fit/threads/other-work.js';
import { Interrupted } from './measure-part.js';
import { measuringPatiently, TRIES } from './measure-patiently.js';
import type { MeasuredServer } from './measured-server.js';
import { type Observation, observationsOf, steadyAnswers } from './observation.js';
import { ModelChanged, SomebodyElse } from './somebody-else.js';

/** Where measured points are kept; each is saved as soon as it is there. */
export interface ObservationStore {
  read(): Promise<readonly Observation[]>;
  save(observation: Observation): Promise<void>;
  /** Keeps which model is loaded under another configuration than it was found in; none where left out. */
  noteChanged(model?: FoundModel): Promise<void>;
}

export interface CalibrateOptions {
  readonly server: MeasuredServer;
  readonly configs: readonly ModelConfig[];
  /** Models that are calibrated by those that they call, each after these, for the advice where one of them fails. */
  readonly composed?: readonly Caller[];
  readonly design: DesignOptions;
  /** Time for all points together, seconds; points that add little are left out when it is spent. */
  readonly budgetS: number;
  readonly store: ObservationStore;
  /** What requests hold, for the advice where a model refuses them. */
  readonly inputs?: GivenInputs;
  readonly signal?: AbortSignal;
  /**
   * Makes sure, once a point was measured, that its models are served as when the calibration began.
   * @throws ModelChanged
   */
  readonly requireUnchanged?: (experiment: Experiment) => Promise<void>;
  readonly onProgress?: (progress: CalibrationProgress) => void;
}

export interface CalibrationProgress {
  readonly experiment: Experiment;
  /** Counting from 1. */
  readonly number: number;
  readonly of: number;
  readonly spentS: number;
  readonly budgetS: number;
  /** Cores that something else kept busy at the point before, or at this one, which is then measured again. */
  readonly otherCores: number;
}

export interface Measured {
  readonly observations: readonly Observation[];
  readonly leftOut: readonly LeftOutPoint[];
  readonly interrupted: boolean;
}

export interface LeftOutPoint {
  /** Of its experiment. */
  readonly id: string;
  /** Why the generator could not load it, or the server not serve it; none where no time was left for it. */
  readonly reason?: string;
}

/**
 * Measures every point of the design that the store does not have yet, those that add most first, until
 * the budget is spent. A point that the server cannot serve (no memory for a second instance, say) is left out where a
 * profile can do without it. What was measured is kept whatever happens; called again it goes on.
 * @throws LiveError when the server fails
 */
export async function measureAll(options: CalibrateOptions): Promise<Measured> {
  const { server, store, budgetS, configs, design } = options;
  // The folder may hold points of models that are not asked for now.
  const observations = (await store.read()).filter(({ experiment }) => isAbout(experiment, configs));
  const startedMs = server.nowMs();
  const spentS = () => (server.nowMs() - startedMs) / 1000;
  const measurePatiently = measuringPatiently(budgetS);
  const leftOut = new Map<string, LeftOutPoint>();
  const leaveOut = (point: LeftOutPoint) => leftOut.set(point.id, point);
  const capacityOf = (model: string) => capacityPerS(observations, configNamed(configs, model));
  const singlesOf = (model: string) => singlesPerS(observations, model);
  for (;;) {
    const wanted = designExperiments(configs, design, observations);
    const notMeasured = () => wanted.flatMap(({ id }) => leftOut.get(id) ?? []);
    const missing = wanted.filter(
      (each) => !leftOut.has(each.id) && !observations.some(({ experiment }) => isSame(experiment, each)),
    );
    const experiment = missing.find((each) => hasLoad(each, capacityOf));
    if (experiment === undefined) {
      const unloaded = missing.map(({ id, model }) => ({ id, reason: `what ${model} can do is not known` }));
      return { observations, leftOut: [...notMeasured(), ...unloaded], interrupted: false };
    }
    const shareS = (budgetS - spentS()) / missing.length;
    // The last adds least.
    const least = missing.findLast((each) => !isWorthWaitingFor(each));
    if (shareS < LEAST_POINT_S && least !== undefined) {
      leaveOut({ id: least.id });
      continue;
    }
    const number = wanted.length - missing.length + 1;
    const last = observations.at(-1);
    const told = { experiment, number, of: wanted.length, budgetS };
    const tell = (otherCores: number) => options.onProgress?.({ ...told, spentS: spentS(), otherCores });
    tell(last === undefined ? 0 : otherWork(observations)(last));
    try {
      const longestS = Math.min(LONGEST_POINT_S[experiment.kind], Math.max(shareS, LEAST_POINT_S));
      const context = {
        server,
        ...given({ signal: options.signal }),
        capacityPerS: capacityOf,
        singlesPerS: singlesOf,
        longestS,
      };
      const observation = await measurePatiently(experiment, context, tell);
      if (observation === undefined) {
        leaveOut({ id: experiment.id, reason: `the load generator fell behind ${TRIES} times` });
        continue;
      }
      await options.requireUnchanged?.(experiment);
      observations.push(observation);
      await store.save(observation);
    } catch (error) {
      if (error instanceof Interrupted) {
        return { observations, leftOut: notMeasured(), interrupted: true };
      }
      leaveOut({ id: experiment.id, reason: await whyLeftOut(error, experiment, options, observations) });
    }
  }
}

/**
 * Why a point that failed is left out.
 * @throws LiveError where a profile cannot do without the point, or the server itself has failed; any other error as it is
 */
async function whyLeftOut(
  error: unknown,
  experiment: Experiment,
  options: CalibrateOptions,
  observations: readonly Observation[],
): Promise<string> {
  if (!(error instanceof LiveError)) throw error;
  const isOfAll = error instanceof ModelChanged || !(await options.server.isServing(experiment.model));
  if (!isNeeded(experiment) && !isOfAll) return error.message;
  throw new LiveError(
    error.kind,
    `${experiment.id}: ${error.message}`,
    [
      error.remedy,
      ...hintOf(error, experiment, options, observations),
      ...(isOfAll ? [] : withoutModel(experiment.model, options)),
    ].join('; '),
  );
}

/** One model that does not work keeps nobody from calibrating the others that do not call it. */
export function withoutModel(
  model: string,
  { configs, composed = [] }: Pick<CalibrateOptions, 'configs' | 'composed'>,
): string[] {
  const lost = withCallers([model], composed);
  const all = [...configs, ...composed.map(({ config }) => config)].map(({ name }) => name);
  const others = all.filter((name) => !lost.has(name));
  return others.length === 0 ? [] : [`or calibrate the others: --models ${others.join(',')}`];
}

function isAbout(experiment: Experiment, configs: readonly ModelConfig[]): boolean {
  const names = configs.map(({ name }) => name);
  return modelsOf(experiment).every((model) => names.includes(model));
}

/** Whether one point stands for the other: two models meet whichever is named first. */
function isSame(measured: Experiment, wanted: Experiment): boolean {
  if (measured.id === wanted.id) return true;
  if (!('other' in measured && 'other' in wanted) || measured.kind !== wanted.kind) return false;
  return measured.model === wanted.other && measured.other === wanted.model;
}

/** A model that answers nothing but errors from the start may not take what its requests hold. */
function hintOf(
  error: LiveError,
  { model }: Experiment,
  { configs, inputs = {} }: CalibrateOptions,
  observations: readonly Observation[],
): string[] {
  const hasAnswered = observations.some(({ experiment }) => experiment.model === model);
  if (hasAnswered || error instanceof SomebodyElse) return [];
  return inputHint(error, inputs, configNamed(configs, model));
}

/** Below this a point says too little to be worth its warm-up. */
export const LEAST_POINT_S = 2;
/** Beyond this more time narrows little: drift between points is larger. */
const LONGEST_POINT_S: Readonly<Record<Experiment['kind'], number>> = {
  sequential: 8,
  saturated: 6,
  backlog: 4,
  frontEnd: 3,
  poisson: 15,
  pair: 3,
  together: 36,
  alone: 9,
  self: 8,
  load: 60,
};

/** Measured also when the budget is spent: service times, and what loads are set by. */
function isWorthWaitingFor({ kind }: Experiment): boolean {
  return kind === 'sequential' || kind === 'saturated';
}

/** Without these a model has no profile, or no load to set. */
function isNeeded(experiment: Experiment): boolean {
  return experiment.kind === 'saturated' || (experiment.kind === 'sequential' && experiment.batchSize === 1);
}

/** Whether it is known what load to play: one at a share of the capacity needs a saturated point, which the generator may have failed. */
function hasLoad({ kind, model }: Experiment, capacityOf: (model: string) => number | undefined): boolean {
  return kind !== 'poisson' || capacityOf(model) !== undefined;
}

function configNamed(configs: readonly ModelConfig[], model: string): ModelConfig {
  return configs.find(({ name }) => name === model)!;
}

/**
 * Inferences per second, one in each request, that the model answered when no instance was ever without work. Only a batcher
 * makes large batches of them: without one the points of larger requests do not count. No more than the requests per second that
 * client and server handled where batches were put together of many.
 */
export function capacityPerS(
  observations: readonly Observation[],
  { name, dynamicBatching }: ModelConfig,
): number | undefined {
  const points = observationsOf(observations, 'saturated', name).filter(
    ({ experiment }) => dynamicBatching !== undefined || experiment.batchSize === 1,
  );
  // A point that is shorter than an execution of a slow model has no answer.
  const answered = points.filter(({ clients }) => clients[0]!.completed > 0);
  const rates = answered.map((point) => answersPerS(point) * point.experiment.batchSize);
  if (rates.length === 0) return undefined;
  const handled = observationsOf(observations, 'backlog', name).map(answersPerS);
  return Math.min(Math.max(...rates), ...handled.filter((perS) => perS > 0));
}

function answersPerS({ clients, durationS }: Observation): number {
  const { completed, us } = steadyAnswers(clients[0]!, durationS);
  return (completed * 1e6) / us;
}

/** Executions of one inference that fit into a second. */
function singlesPerS(observations: readonly Observation[], model: string): number | undefined {
  const [least] = observationsOf(observations, 'sequential', model).sort(
    (a, b) => a.experiment.batchSize - b.experiment.batchSize,
  );
  return least && 1e6 / executionUs(meanPhases(least.statistics[0]!));
}
