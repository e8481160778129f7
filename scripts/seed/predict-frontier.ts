import { mean } from 'simple-statistics';
import { desiredFor } from './client.js';
import type { FrontierPoint } from './measured.js';
import type { FrontierModel } from './peaks.js';
import type { Profiles } from './predict-tests.js';
import { BATCH, batchMs } from './profiles.js';
import { type PassResult, runTogether, type SeedClient } from './run-passes.js';
import type { Stage } from './scenario.js';
import type { Setups } from './setups.js';

/** One instance of each model on each GPU, in batches of 8. */
const STAGE: Stage = {
  instances: 1,
  preferredBatchSizes: [BATCH],
  maxQueueDelayMs: 20_000,
  networkDelayMs: 0.1,
};

/** What GPUs complete of both models together, 1/s. */
export type Throughputs = Readonly<Record<FrontierModel, number>>;

/** A server that both models share: so many GPUs, what the models cost there, and its host. */
export interface SharedServer {
  readonly gpus: number;
  readonly profiles: Profiles;
  readonly setups: Setups;
}

/** Passes of the client that sends as fast as it can; their mean counts. */
const PASS = { requests: 5392, passes: 3 };

/** How far above what the GPUs could do alone that client is asked to send. */
const OVERLOAD = 1.1;

/** Long enough for the other client never to run out of requests, whatever share it leaves. */
const LEAST_SHARE = 0.3;

/**
 * What a server completes of both when the client of `model` sends as fast as it can and `otherPerS`
 * of the other model are offered at a fixed rate (0 = none).
 */
export function saturatedBeside(model: FrontierModel, otherPerS: number, server: SharedServer): Throughputs {
  const { profiles, setups } = server;
  const other = otherOf(model);
  const gpus = Array.from({ length: server.gpus }, (_, gpu) => gpu);
  const alonePerS = (server.gpus * 1000 * BATCH) / batchMs(profiles.get(model)!);
  const full = {
    profile: profiles.get(model)!,
    gpus,
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
    gpus,
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

export function otherOf(model: FrontierModel): FrontierModel {
  return model === 'resnet50' ? 'inception-v3' : 'resnet50';
}

/** The figure does not say who was held at a fixed rate: taken is whoever has the smaller share of what it does alone. */
export function saturatedModel(rates: Throughputs, alone: Throughputs): FrontierModel {
  return rates.resnet50 / alone.resnet50 > rates['inception-v3'] / alone['inception-v3']
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
 * The predicted frontier of a server, in order of ResNet-50's rate: each model held at shares of what
 * it does alone, as far as it gets through, and the other saturated.
 */
export function predictedFrontier(
  server: SharedServer,
  shares: readonly number[] = HELD_SHARES,
): readonly Throughputs[] {
  const beside = (model: FrontierModel, otherPerS: number) => saturatedBeside(model, otherPerS, server);
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
