import type { ModelStatistics } from '../live/inference-client.js';
import type { PointLoad, PointPart } from './assemble-observation.js';
import type { LoadObservation } from './observation.js';

/**
 * What calibration measures through: a live server (`live-server.ts`), or a simulated one of which every figure is known
 * (`scripts/known`). Design and fits are the same for both.
 */
export interface MeasuredServer {
  /** The clock that the time for measuring is counted on, milliseconds since 1970. */
  nowMs(): number;
  /** Whether the server is there and the model ready: then a point that failed says something of itself alone. */
  isServing(model: string): Promise<boolean>;
  /**
   * Begins to watch what else works on this machine. What it returns tells how many cores that kept busy, undefined where it
   * cannot be told.
   */
  watchOthers(): () => number | undefined;
  /** Plays the loads for nothing, so that what comes first is over. */
  warmUp(loads: readonly PointLoad[]): Promise<void>;
  /**
   * Plays the loads, each of another model, once.
   * @param sliceS statistics are also kept by slices of so many seconds
   */
  play(loads: readonly PointLoad[], durationS: number, sliceS: number): Promise<PointPart>;
  /** Sends one request at a time and reads the statistics after each, for at most so many seconds. */
  takeSteps(model: string, batchSize: number, longestS: number): Promise<Steps>;
  /** Does something while a model is loaded with so many instances and no batcher, and gives it back as it was found. */
  withInstances<T>(model: string, instances: number, work: () => Promise<T>): Promise<T>;
  /** Unloads and loads a model and sends the first request; gives it back as it was found. */
  loadAnew(model: string): Promise<LoadObservation>;
}

/** What requests showed that were sent one after the other. */
export interface Steps {
  readonly durationS: number;
  /** Of all steps together. */
  readonly statistics: readonly ModelStatistics[];
  /** Compute time of each step that held one execution. */
  readonly executionsUs: readonly number[];
  /** Of each request, as the client saw it. */
  readonly latenciesUs: readonly number[];
  /** Taken off each of these: how long after its execution the first response of a stream came. */
  readonly lagUs?: number;
  /** Steps whose request waited for a batcher that nobody woke. */
  readonly lostWakeUps: readonly ModelStatistics[];
}
