import { mean } from 'simple-statistics';
import { InputError } from '../../src/base/problem.js';
import type { FrontierPoint } from './measured.js';
import { BATCH, type Fitted, type ModelConstants } from './profiles.js';

export type FrontierModel = 'resnet50' | 'inception-v3';

/** So many GPUs of a kind. */
export type Gpus = Pick<FrontierPoint, 'gpu' | 'gpus'>;

/** What a model completes that has all of the GPUs to itself. */
export interface Peak extends Gpus {
  readonly model: FrontierModel;
  readonly perS: number;
}

/** The kind of GPU of the tests that constants are fitted on. */
export const FITTED_ON = 'Tesla P4';

const NUMBERS = ['Zero', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight'];

/** `Two-P4`, as the paper calls them. */
export function nameOfGpus({ gpu, gpus }: Gpus): string {
  return `${NUMBERS[gpus] ?? gpus}-${gpu.replace(/^.* /, '')}`;
}

/** The model that has the GPUs of a point to itself; undefined where both are served. */
export function lonelyModel(point: FrontierPoint): FrontierModel | undefined {
  if (point.inceptionV3PerS === 0) return 'resnet50';
  return point.resnet50PerS === 0 ? 'inception-v3' : undefined;
}

export function peaksOf(points: readonly FrontierPoint[]): readonly Peak[] {
  return points.flatMap((point) => {
    const model = lonelyModel(point);
    if (model === undefined) return [];
    const perS = model === 'resnet50' ? point.resnet50PerS : point.inceptionV3PerS;
    return [{ gpu: point.gpu, gpus: point.gpus, model, perS }];
  });
}

/** Highest peak of a model with these GPUs; undefined where none was measured. */
export function peakOf(peaks: readonly Peak[], { gpu, gpus }: Gpus, model: string): number | undefined {
  const own = peaks.filter((peak) => peak.gpu === gpu && peak.gpus === gpus && peak.model === model);
  return own.length === 0 ? undefined : Math.max(...own.map(({ perS }) => perS));
}

/**
 * Constants on these GPUs, from what tests gave and the peaks of one GPU. On the kind of GPU of the tests another peak
 * means another host part; on other kinds the host part is kept, and what is left of the peak is the GPU's. Several GPUs
 * of the tests' kind are the machine of the tests.
 *
 * @throws InputError if nothing is known of this kind of GPU
 */
export function constantsOn({ gpu, gpus }: Gpus, fitted: Fitted, peaks: readonly Peak[]): Fitted {
  if (gpu === FITTED_ON && gpus > 1) return fitted;
  const serviceMs = (model: string) => {
    const perS = peakOf(peaks, { gpu, gpus: 1 }, model);
    return perS === undefined ? undefined : (1000 * BATCH) / perS;
  };
  const adapted = (model: string, constants: ModelConstants): ModelConstants => {
    const totalMs = serviceMs(model);
    if (gpu === FITTED_ON)
      return totalMs === undefined
        ? constants
        : { ...constants, hostMs: Math.max(0, totalMs - constants.gpuMs) };
    const gpuMs =
      totalMs === undefined ? constants.gpuMs * gpuTimes(gpu, fitted, serviceMs) : totalMs - constants.hostMs;
    return { ...constants, gpuMs };
  };
  const models = [...fitted.models].map(([model, own]) => [model, adapted(model, own)] as const);
  return { ...fitted, models: new Map(models) };
}

/** How many times as long as on the tests' kind of GPU batches take on another, on average over the models known there. */
function gpuTimes(gpu: string, { models }: Fitted, serviceMs: (model: string) => number | undefined): number {
  const times = [...models].flatMap(([model, { gpuMs, hostMs }]) => {
    const totalMs = serviceMs(model);
    return totalMs === undefined ? [] : [(totalMs - hostMs) / gpuMs];
  });
  if (times.length > 0) return mean(times);
  throw InputError.of(
    `no throughput of a model that has one ${gpu} to itself is known`,
    'add such a row to frontier.csv, or leave out what was measured on that kind of GPU',
  );
}
