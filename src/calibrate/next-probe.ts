import { FAIR_SHARE } from '../effects/interference/slowdown.js';
import type { GivenInputs } from '../live/model-inputs.js';
import { openShapes } from '../live/model-inputs.js';
import type { ModelProfile } from '../profile/profile.js';
import { serviceTime, totalMs } from '../profile/service-time.js';
import { atTimeError, timeErrorOf } from '../profile/time-error.js';
import type { ModelConfig } from '../scenario/model-config.js';
import { LEAST_POINT_S, type LeftOutPoint } from './calibrate.js';
import { type DesignOptions, instancesSideBySide } from './experiment.js';
import { type Observation, observationsOf } from './observation.js';

/** What would make predictions from a calibration surer, and how it is measured. */
export interface Probe {
  readonly what: string;
  /** Up to how many times longer a prediction may come out for want of it; absent = nobody knows. */
  readonly times?: number;
  /** Words of the command line that measure it. */
  readonly options: readonly string[];
  /** Requests hold something else than those of the points that there are: they need a folder of their own. */
  readonly isAnew?: true;
}

export interface Calibrated {
  readonly configs: readonly ModelConfig[];
  readonly profiles: readonly ModelProfile[];
  readonly observations: readonly Observation[];
  readonly leftOut: readonly LeftOutPoint[];
  readonly design: DesignOptions;
  readonly budgetS: number;
  readonly inputs: GivenInputs;
}

/** The probe that would narrow the interval of predictions most; undefined where nothing that can be measured is left. */
export function nextProbe(calibrated: Calibrated): Probe | undefined {
  const probes = [
    ...shapeProbes(calibrated),
    ...leftOutProbes(calibrated),
    ...selfProbes(calibrated),
    ...batchProbes(calibrated),
  ];
  const sizeOf = ({ times }: Probe) => times ?? Number.POSITIVE_INFINITY;
  return probes.reduce<Probe | undefined>(
    (most, probe) => (most === undefined || sizeOf(probe) > sizeOf(most) ? probe : most),
    undefined,
  );
}

function shapeProbes({ configs, inputs }: Calibrated): Probe[] {
  const open = openShapes(inputs, configs);
  if (open.length === 0) return [];
  const names = open.flatMap(({ model, inputs }) => inputs.map(({ name }) => `${model}/${name}`));
  return [
    {
      what: `how long requests take of the size that clients send (${names.join(', ')} had variable dimensions of 1)`,
      options: names.map((name) => `--shape ${name}=DIMENSIONS`),
      isAnew: true,
    },
  ];
}

/** Points for which there was no time: of pairs, else those that say how far the models are off. */
function leftOutProbes({ leftOut, profiles, budgetS, observations }: Calibrated): Probe[] {
  const untimely = leftOut.filter(({ reason }) => reason === undefined);
  if (untimely.length === 0) return [];
  const pairs = untimely.filter(({ id }) => /\/(together-with|beside)-/.test(id));
  const errors = profiles.map((profile) => timeErrorOf(profile)?.factor ?? 1);
  // What was measured is kept, so that all of the next budget is for what is missing: for each as long as another took.
  const pointS = Math.max(LEAST_POINT_S, budgetS / Math.max(1, observations.length));
  return [
    {
      what:
        pairs.length > 0
          ? `what models cost each other (${firstOf(pairs)})`
          : `points for which there was no time (${firstOf(untimely)})`,
      times: pairs.length > 0 ? FAIR_SHARE : Math.max(1, ...errors),
      options: [`--budget ${Math.ceil(untimely.length * pointS)}s`],
    },
  ];
}

function firstOf(points: readonly LeftOutPoint[]): string {
  const others = points.length - 1;
  return `${points[0]!.id}${others > 0 ? ` and ${others} more` : ''}`;
}

function selfProbes({ configs, observations, design }: Calibrated): Probe[] {
  const alone = configs
    .filter((config) => instancesSideBySide(config) === 1)
    .map(({ name }) => name)
    .filter((name) => observationsOf(observations, 'self', name).length === 0);
  if (alone.length === 0 || design.load) return [];
  const what = `what a second instance costs (${alone.join(', ')})`;
  return [{ what, times: FAIR_SHARE, options: ['--allow-load'] }];
}

/** Models that are served with larger batches than were measured. */
function batchProbes({ configs, profiles, design }: Calibrated): Probe[] {
  const larger = configs.flatMap(({ name, maxBatchSize }) => {
    const profile = profiles.find(({ model }) => model === name);
    if (profile === undefined || maxBatchSize <= design.largestBatch) return [];
    const slow = atTimeError(profile, 'slow', ['batches']);
    const times = totalMs(serviceTime(slow, maxBatchSize)) / totalMs(serviceTime(profile, maxBatchSize));
    return [{ name, maxBatchSize, times }];
  });
  if (larger.length === 0) return [];
  const most = Math.max(...larger.map(({ maxBatchSize }) => maxBatchSize));
  const names = larger.map(({ name }) => name).join(', ');
  return [
    {
      what: `batches of more than ${design.largestBatch} (${names})`,
      times: Math.max(...larger.map(({ times }) => times)),
      options: [`--max-batch ${most}`],
    },
  ];
}
