import type { ModelStatistics } from '../live/inference-client.js';
import type { GeneratorHealth } from '../live/load-run.js';
import type { CpuUse } from '../live/machine-use.js';
import type { GpuReading } from '../live/server-metrics.js';
import type { Experiment, ExperimentOf } from './experiment.js';
import type { Turn } from './turns.js';

/** What one point of a calibration showed. Plain data: it is kept as a file and read again when resuming. */
export interface Observation {
  readonly experiment: Experiment;
  /** ISO date and time. */
  readonly measuredAt: string;
  readonly durationS: number;
  readonly clients: readonly ClientObservation[];
  /** What the server counted during the point, for each model in it. */
  readonly statistics: readonly ModelStatistics[];
  readonly generator: GeneratorHealth;
  /** The same by slices of a few seconds, in the order measured; for kind `together` the turns are the slices. */
  readonly slices?: readonly ModelStatistics[];
  /** Only for kinds `together` and `self`: what the server counted in each turn. */
  readonly turns?: readonly TurnObservation[];
  /** Only for kind `sequential`: compute times of single executions as the server counted them, in the order measured. */
  readonly executionsUs?: readonly number[];
  /** Only of open loops: what the generator's threads waited; of kind `together` the turns have their own. */
  readonly lateness?: Lateness;
  /** Only where the server has the cores of the machine that measured. */
  readonly cpu?: PointCpuUse;
  /** Core time of the process that sent the load, seconds, wherever the server is; absent in points of earlier releases. */
  readonly clientS?: number;
  /** The server's GPUs at the end of the point, where its metrics were read. */
  readonly gpus?: readonly GpuReading[];
  /** Only for kind `load`. */
  readonly load?: LoadObservation;
}

/** What is said of the generator where no schedule was to be kept. */
export function withoutSchedule(verdict: string): GeneratorHealth {
  return {
    lagMs: { p50: 0, p99: 0, max: 0 },
    stalls: { count: 0, longestMs: 0, totalMs: 0 },
    fellBehind: false,
    verdict,
  };
}

/** How late requests left, after the time planned for them. */
export interface Lateness {
  readonly sends: number;
  /** How many of them left more than {@link LATE_US} late. */
  readonly late: number;
  /** By how much, all these together. */
  readonly lateUs: number;
}

/** A request that leaves later than this is late, microseconds: waking a thread that finds a core free takes less. */
export const LATE_US = 300;

/** What a point used of the cores, with what others did. */
export interface PointCpuUse extends CpuUse {
  /**
   * Used by something else, seconds; where the server's processes cannot be told: as much as before each load, while nothing was
   * sent.
   */
  readonly otherS: number;
  /**
   * For how long that was counted, seconds: warm-up and last answers are counted, which `durationS` does not hold. Absent in points of
   * earlier releases.
   */
  readonly countedS?: number;
}

/** Cores that so many seconds of a point's core time kept busy. */
export function coresOf(seconds: number, { cpu, durationS }: Pick<Observation, 'cpu' | 'durationS'>): number {
  return seconds / (cpu?.countedS ?? durationS);
}

export interface TurnObservation {
  /** Of kind `self`: `first` is one client, `both` are two, `all` are enough to keep every instance busy. */
  readonly turn: Turn | 'all';
  readonly statistics: readonly ModelStatistics[];
  readonly lateness?: Lateness;
}

/** One load of a point, as its client saw it. */
export interface ClientObservation {
  readonly model: string;
  readonly batchSize: number;
  readonly completed: number;
  /** Mean latency of the completed requests. */
  readonly meanUs: number;
  /** Only of kind `sequential`, of a stream: how long after its execution the first response came, which no latency holds. */
  readonly lagUs?: number;
  /**
   * Half width of the 95 % interval of that mean as a fraction of it, by batch means; of kind `sequential` that of the mean of
   * `executionsUs`, taken as independent. 1 where it is not known.
   */
  readonly relativeError: number;
  /** Latency at probabilities (i + 0.5) / n; of kind `sequential` its median, 95th and 99th percentile. */
  readonly quantilesUs: readonly number[];
  /** Of closed loops: answers after those of the first execution of each part, and the time from that one to the last answer. */
  readonly steady?: SteadyAnswers;
  /** When each request left, for open loops, ascending: the simulator replays them. */
  readonly sentUs?: readonly number[];
  /** Latency of each of these, for kinds `alone` and `together`; -1 where no answer came in time. */
  readonly latenciesUs?: readonly number[];
}

/** Answers, and the time in which they came. */
export interface SteadyAnswers {
  readonly completed: number;
  /** Without the sleeps. */
  readonly us: number;
  /** How often the batcher slept its 500 ms between them, because nobody woke it; absent in points of earlier releases. */
  readonly sleeps?: number;
}

/**
 * The rate of a closed loop: between whole executions where they were told apart. Answers within a given time lack the execution
 * that its end cut off, on average half a one.
 */
export function steadyAnswers({ steady, completed }: ClientObservation, durationS: number): SteadyAnswers {
  return steady !== undefined && steady.completed > 0 ? steady : { completed, us: durationS * 1e6 };
}

export interface LoadObservation {
  readonly unloadMs: number;
  readonly loadMs: number;
  readonly firstInferenceMs: number;
  /** GPU memory that came with the model, MiB; undefined where the server shows none. */
  readonly memoryMb?: number;
}

export type ObservationOf<Kind extends Experiment['kind']> = Observation & {
  readonly experiment: ExperimentOf<Kind>;
};

/** A point in which two models met under open loops, in turns with each alone. */
export type TogetherPoint = ObservationOf<'together'>;

/** A point in which instances of one model met. */
export type SelfPoint = ObservationOf<'self'>;

/** Of one kind, in the order measured. */
export function observationsOf<K extends Experiment['kind']>(
  observations: readonly Observation[],
  kind: K,
  model?: string,
): ObservationOf<K>[] {
  return observations.filter(
    (each): each is ObservationOf<K> =>
      each.experiment.kind === kind && (model === undefined || each.experiment.model === model),
  );
}

/** What the server counted of a model. */
export function countedOf(statistics: readonly ModelStatistics[], model: string): ModelStatistics[] {
  return statistics.filter((each) => each.model === model);
}

/** The same in the turns of that kind. */
export function countedIn(
  turns: readonly TurnObservation[],
  turn: TurnObservation['turn'],
  model: string,
): ModelStatistics[] {
  const own = turns.filter((each) => each.turn === turn);
  return own.flatMap(({ statistics }) => countedOf(statistics, model));
}

/** The points of that kind with a model in which the server counted any of it. */
export function countedPoints<K extends Experiment['kind']>(
  observations: readonly Observation[],
  kind: K,
  model: string,
): (ObservationOf<K> & { readonly counted: ModelStatistics })[] {
  return observationsOf(observations, kind, model).flatMap((point) => {
    const counted = point.statistics.find((each) => each.model === model);
    return counted === undefined ? [] : [{ ...point, counted }];
  });
}
