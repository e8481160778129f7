import { mean } from 'simple-statistics';
import { desiredFor } from './client.js';
import { BATCH } from './constants.js';
import type { FrontierPoint } from './measured.js';
import { type Point, point } from './points.js';
import type { Profiles } from './predict-tests.js';
import { batchMs } from './profiles.js';
import { runTogether } from './run-passes.js';
import type { Stage } from './scenario.js';
import type { Setups } from './setups.js';

/** Both models on one GPU, one instance each, in batches of 8. */
const STAGE: Stage = { instances: 1, preferredBatchSizes: [BATCH], maxQueueDelayMs: 20_000, networkDelayMs: 0.1 };

const MODELS = ['resnet50', 'inception-v3'] as const;
export type FrontierModel = (typeof MODELS)[number];

/** What one GPU completes of both models together, 1/s. */
export type Throughputs = Readonly<Record<FrontierModel, number>>;

/** Passes of the client that sends as fast as it can; their mean counts. */
const PASS = { requests: 5392, passes: 3 };

/** How far above what the GPU could do alone that client is asked to send. */
const OVERLOAD = 1.1;

/** A saturated model keeps at least this share of what it completes alone, whoever runs beside it. */
const LEAST_SHARE = 0.3;

/**
 * What the GPU completes of `model`, whose client sends as fast as it can, while `otherPerS` of the
 * other model are offered at a fixed rate (0 = none).
 */
export function saturatedBeside(model: FrontierModel, otherPerS: number, profiles: Profiles, setups: Setups): number {
  const profile = profiles.get(model)!;
  const other = MODELS.find((name) => name !== model)!;
  const alonePerS = (1000 * BATCH) / batchMs(profile);
  const longestS = (PASS.passes * PASS.requests) / (LEAST_SHARE * alonePerS);
  const full = {
    profile,
    gpu: 0,
    startS: 0,
    passes: Array.from({ length: PASS.passes }, () => ({
      desiredPerS: OVERLOAD * alonePerS,
      requests: PASS.requests,
    })),
  };
  const fixed = {
    profile: profiles.get(other)!,
    gpu: 0,
    startS: 0,
    passes: [{ desiredPerS: desiredFor(otherPerS, setups.client), requests: Math.ceil(longestS * otherPerS) }],
  };
  const clients = otherPerS > 0 ? [full, fixed] : [full];
  const results = runTogether(setups, STAGE, clients, `frontier ${model} beside ${otherPerS}`);
  return mean(results[0]!.map(({ completedPerS }) => completedPerS));
}

/** Measured points of one P4 beside their predictions, one row for each. */
export function frontierPoints(
  points: readonly FrontierPoint[],
  profiles: Profiles,
  setups: Setups,
): readonly Point[] {
  const onOne = points.filter(({ gpu, gpus }) => gpu === 'Tesla P4' && gpus === 1);
  const most = mostOf(onOne.map(throughputs));
  return onOne.map((measured, i) => {
    const rates = throughputs(measured);
    const model = saturatedModel(rates, most);
    const other = MODELS.find((name) => name !== model)!;
    return point({
      test: 'frontier',
      model,
      pass: i + 1,
      metric: 'throughput',
      measured: rates[model],
      predicted: saturatedBeside(model, rates[other], profiles, setups),
      belowSaturation: false,
      basis: 'predicted',
    });
  });
}

/** The figure does not say who was held at a fixed rate: taken is whoever has the smaller share of what it does alone. */
function saturatedModel(rates: Throughputs, most: Throughputs): FrontierModel {
  return rates.resnet50 / most.resnet50 > rates['inception-v3'] / most['inception-v3'] ? 'resnet50' : 'inception-v3';
}

export function throughputs(measured: FrontierPoint): Throughputs {
  return { resnet50: measured.resnet50PerS, 'inception-v3': measured.inceptionV3PerS };
}

/** The most of each model. */
export function mostOf(points: readonly Throughputs[]): Throughputs {
  return {
    resnet50: Math.max(...points.map(({ resnet50 }) => resnet50)),
    'inception-v3': Math.max(...points.map((rates) => rates['inception-v3'])),
  };
}

/** Shares of what a model completes alone at which it is held along the predicted frontier. */
const HELD_SHARES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];

/**
 * The predicted frontier of one GPU, in order of ResNet-50's rate: each model held at shares of what
 * it does alone and the other saturated, as long as it is the smaller share that is held.
 */
export function predictedFrontier(profiles: Profiles, setups: Setups): readonly Throughputs[] {
  const beside = (model: FrontierModel, other: number) => saturatedBeside(model, other, profiles, setups);
  const alone: Throughputs = { resnet50: beside('resnet50', 0), 'inception-v3': beside('inception-v3', 0) };
  const held = HELD_SHARES.flatMap((share): Throughputs[] => {
    const resnet50 = share * alone.resnet50;
    const inception = share * alone['inception-v3'];
    return [
      { resnet50, 'inception-v3': beside('inception-v3', resnet50) },
      { resnet50: beside('resnet50', inception), 'inception-v3': inception },
    ].filter((rates, i) => saturatedModel(rates, alone) === (i === 0 ? 'inception-v3' : 'resnet50'));
  });
  return [
    { ...alone, resnet50: 0 },
    ...held,
    { ...alone, 'inception-v3': 0 },
  ].sort((a, b) => a.resnet50 - b.resnet50);
}
