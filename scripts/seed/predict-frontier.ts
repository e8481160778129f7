import { mean } from 'simple-statistics';
import { desiredFor } from './client.js';
import { type Point, point } from './judge.js';
import type { FrontierPoint } from './measured.js';
import type { Profiles } from './predict-tests.js';
import { BATCH, batchMs } from './profiles.js';
import { type PassResult, runTogether, type SeedClient } from './run-passes.js';
import type { Stage } from './scenario.js';
import type { Setups } from './setups.js';

/** Both models on one GPU, one instance each, in batches of 8. */
const STAGE: Stage = {
  instances: 1,
  preferredBatchSizes: [BATCH],
  maxQueueDelayMs: 20_000,
  networkDelayMs: 0.1,
};

export type FrontierModel = 'resnet50' | 'inception-v3';

/** What one GPU completes of both models together, 1/s. */
export type Throughputs = Readonly<Record<FrontierModel, number>>;

/** Passes of the client that sends as fast as it can; their mean counts. */
const PASS = { requests: 5392, passes: 3 };

/** How far above what the GPU could do alone that client is asked to send. */
const OVERLOAD = 1.1;

/** Long enough for the other client never to run out of requests, whatever share it leaves. */
const LEAST_SHARE = 0.3;

/**
 * What one GPU completes of both when the client of `model` sends as fast as it can and `otherPerS`
 * of the other model are offered at a fixed rate (0 = none).
 */
export function saturatedBeside(
  model: FrontierModel,
  otherPerS: number,
  profiles: Profiles,
  setups: Setups,
): Throughputs {
  const other = otherOf(model);
  const alonePerS = (1000 * BATCH) / batchMs(profiles.get(model)!);
  const full = {
    profile: profiles.get(model)!,
    gpu: 0,
    startS: 0,
    passes: Array.from({ length: PASS.passes }, () => ({
      desiredPerS: OVERLOAD * alonePerS,
      requests: PASS.requests,
    })),
  };
  const run = (clients: readonly SeedClient[]) =>
    runTogether(setups, STAGE, clients, `frontier ${model} beside ${otherPerS}`);
  const rateOf = (passes: readonly PassResult[]) => mean(passes.map(({ completedPerS }) => completedPerS));
  if (otherPerS === 0) return { ...NOTHING, [model]: rateOf(run([full])[0]!) };
  const fixed = (forS: number) => ({
    profile: profiles.get(other)!,
    gpu: 0,
    startS: 0,
    // Whole batches: the rest of one would wait for the queue delay of 20 s.
    passes: [
      {
        desiredPerS: desiredFor(otherPerS, setups.client),
        requests: Math.ceil((forS * otherPerS) / BATCH) * BATCH,
      },
    ],
  });
  const fullS = (perS: number) => (PASS.passes * PASS.requests) / perS;
  const saturatedPerS = rateOf(run([full, fixed(fullS(LEAST_SHARE * alonePerS))])[0]!);
  // Again with as many requests as fit beside the saturated passes: what the other completes then.
  const heldPerS = rateOf(run([full, fixed(fullS(saturatedPerS))])[1]!);
  return { ...NOTHING, [model]: saturatedPerS, [other]: heldPerS };
}

const NOTHING: Throughputs = { resnet50: 0, 'inception-v3': 0 };

function otherOf(model: FrontierModel): FrontierModel {
  return model === 'resnet50' ? 'inception-v3' : 'resnet50';
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
    return point({
      test: 'frontier',
      model,
      pass: i + 1,
      metric: 'throughput',
      measured: rates[model],
      predicted: saturatedBeside(model, rates[otherOf(model)], profiles, setups)[model],
      belowSaturation: false,
      basis: 'predicted',
    });
  });
}

/** The figure does not say who was held at a fixed rate: taken is whoever has the smaller share of what it does alone. */
function saturatedModel(rates: Throughputs, most: Throughputs): FrontierModel {
  return rates.resnet50 / most.resnet50 > rates['inception-v3'] / most['inception-v3']
    ? 'resnet50'
    : 'inception-v3';
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

/** A held model that completes less than this share of what is offered is not held: it is saturated as well. */
const KEPT_UP = 0.99;

/**
 * The predicted frontier of one GPU, in order of ResNet-50's rate: each model held at shares of what
 * it does alone, as far as it gets through, and the other saturated.
 */
export function predictedFrontier(
  profiles: Profiles,
  setups: Setups,
  shares: readonly number[] = HELD_SHARES,
): readonly Throughputs[] {
  const beside = (model: FrontierModel, otherPerS: number) =>
    saturatedBeside(model, otherPerS, profiles, setups);
  const ends = [beside('inception-v3', 0), beside('resnet50', 0)] as const;
  const alone = mostOf(ends);
  const held = (['resnet50', 'inception-v3'] as const).flatMap((model) => {
    const points: Throughputs[] = [];
    for (const share of shares) {
      const rates = beside(otherOf(model), share * alone[model]);
      if (rates[model] < KEPT_UP * share * alone[model]) break;
      points.push(rates);
    }
    return points;
  });
  return [...ends, ...held].sort((a, b) => a.resnet50 - b.resnet50);
}
