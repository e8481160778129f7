import { sum } from 'simple-statistics';
import { type ModelConfig, servingInstances } from '../scenario/model-config.js';

/**
 * One point that calibration measures. `id` names it in the calibration folder; points are measured once
 * and kept.
 */
export type Experiment = { readonly id: string; readonly model: string } & ExperimentKind;

type ExperimentKind =
  /** One request of `batchSize` inferences after the other, the statistics read after each: service time, floor, spread. */
  | { readonly kind: 'sequential'; readonly batchSize: number }
  /**
   * So many clients at once. `saturated`: no instance is ever without work, to see what executions cost besides their phases. Requests
   * are whole batches, because the client takes cores from the server and a few large ones will do; beside that, of one inference.
   * `backlog`: the same with batches that are put together of many requests, to see what each of them costs. `frontEnd`: the quickest
   * model, so that requests may wait for the front end, to see what one costs there.
   */
  | {
      readonly kind: 'saturated' | 'backlog' | 'frontEnd';
      readonly batchSize: number;
      readonly concurrency: number;
    }
  /** Poisson arrivals at a share of the capacity: how threads race, and how service behaves under load. */
  | { readonly kind: 'poisson'; readonly loadShare: number }
  /** Two models side by side, one client each: do they take turns? */
  | {
      readonly kind: 'pair';
      readonly batchSize: number;
      readonly other: string;
      readonly otherBatchSize: number;
    }
  /**
   * Poisson arrivals of single inferences that would keep the model busy for `busyShare` of the time: executions with pauses
   * between them.
   */
  | { readonly kind: 'alone'; readonly busyShare: number }
  /**
   * Two models in turns (`turns.ts`) side by side and alone, each under Poisson arrivals of single inferences that
   * would keep it busy for `busyShare` of the time: what they cost each other as tenants do, caches gone cold
   * between executions included.
   */
  | { readonly kind: 'together'; readonly other: string; readonly busyShare: number }
  /** Two clients of one model with two instances, one of them alone, and more of them (`measure-self.ts`). */
  | {
      readonly kind: 'self';
      readonly batchSize: number;
      /** Instances while it is measured, where all of them are kept busy, too, and by how many clients. */
      readonly all?: { readonly instances: number; readonly closedLoopClients: number };
      /** It serves one, and is loaded with two for this point. Only where the user allows it. */
      readonly reloads: boolean;
    }
  /** Unload, load, first request. Only where the user allows it. */
  | { readonly kind: 'load' };

export type ExperimentOf<Kind extends Experiment['kind']> = Experiment & { readonly kind: Kind };

export interface DesignOptions {
  /** Measure what loading costs, and what a second instance costs models that serve one: unloads and loads every model. */
  readonly load: boolean;
  /** Cores of the server's host, where they are known. */
  readonly cores?: number;
  /** Largest batch to measure; models with a larger `max_batch_size` are measured up to here. */
  readonly largestBatch: number;
  /** Up to so many models every pair is measured; beyond, a ring of neighbours and each one beside a reference. */
  readonly allPairsUpTo: number;
}

export const DEFAULT_DESIGN: DesignOptions = { load: false, largestBatch: 128, allPairsUpTo: 6 };

/** Clients that saturate an instance: one executing, one ready, one on its way. */
export const CLIENTS_PER_INSTANCE = 3;

/** The model, or both that meet. */
export function modelsOf(experiment: Experiment): string[] {
  return 'other' in experiment ? [experiment.model, experiment.other] : [experiment.model];
}

/** Whether arrivals follow a schedule: one run, however long. */
export function isOpen({ kind }: Experiment): boolean {
  return kind === 'poisson' || kind === 'alone' || kind === 'together';
}

/** Whether all instances that serve run on the host. */
export function isOnHost({ instanceGroups }: ModelConfig): boolean {
  return instanceGroups.filter(({ passive }) => !passive).every(({ kind }) => kind === 'KIND_CPU');
}

/** {@link servingInstances}, at least one: what was measured was served. */
export function activeInstances(config: ModelConfig): number {
  return Math.max(1, servingInstances(config));
}

/** Most of {@link activeInstances} that are on one device, or on the host: so many can cost each other time there. */
export function instancesSideBySide({ instanceGroups }: ModelConfig): number {
  const places = instanceGroups
    .filter(({ passive }) => !passive)
    .flatMap(({ count, gpus }) =>
      (gpus.length > 0 ? gpus : ['elsewhere' as const]).map((place) => ({ place, count })),
    );
  const counts = places.map(({ place }) =>
    sum(places.filter((each) => each.place === place).map(({ count }) => count)),
  );
  return Math.max(1, ...counts);
}
