import { usesCache } from '../../scenario/composition.js';
import type { ModelConfig } from '../../scenario/model-config.js';
import type { ModelInstance } from '../../scenario/scenario.js';
import { Outcome } from '../../trace/request-log.js';
import { EngineServer } from '../server/engine/engine-server.js';
import { ModelQueue } from '../server/model-queue.js';
import { type Executor, ModelServer } from '../server/model-server.js';
import { PolicyQueue } from '../server/policy-queue.js';
import type { LimitedModel } from '../server/rate-limiter.js';
import { sequenceRules } from '../server/sequences/sequence-rules.js';
import { SequenceServer } from '../server/sequences/sequence-server.js';
import type { ModelServerOptions } from '../server/server-parts.js';
import { AdmittedRows } from './admitted-rows.js';
import type { Iterations } from './executions/iterations.js';
import type { ServedListener } from './served.js';
import type { World } from './world.js';

/** What the server of a model is made of. */
export interface ServerParts {
  readonly queue: ModelQueue;
  readonly admitted: AdmittedRows;
  readonly executor: Executor;
  readonly config: ModelConfig;
  readonly options: Omit<ModelServerOptions, 'policy' | 'limiter'> & {
    readonly limiter: LimitedModel | undefined;
  };
  readonly listener: ServedListener;
  readonly iterations: Iterations | undefined;
}

/** The server of a model: the one of its scheduler, or its engine. */
export function modelServer(
  world: World,
  index: number,
  instances: readonly ModelInstance[],
  parts: ServerParts,
): ModelServer | SequenceServer | EngineServer {
  const { queue, executor, config, options } = parts;
  const engine = engineServer(world, index, instances, parts);
  if (engine !== undefined) return engine;
  return config.sequences === undefined
    ? new ModelServer(queue, executor, options)
    : sequenceServer(world, parts);
}

/** A language model whose engine forms its batches; undefined for any other model. */
function engineServer(
  world: World,
  index: number,
  instances: readonly ModelInstance[],
  { queue, admitted, executor, listener }: ServerParts,
): EngineServer | undefined {
  const { engine } = world.setup.served[index]!;
  if (engine === undefined) return undefined;
  return new EngineServer(queue, executor, {
    limits: engine,
    kvTokens: instances.map(({ profile }) => engine.kvTokens ?? profile.engine!.kvTokens),
    tokensOf: (position) => world.tokens!.of(admitted.rowAt(position)),
    onRefused: (position) => listener.drop(admitted.rowAt(position), Outcome.rejected),
  });
}

/** A model whose requests belong to sequences. */
function sequenceServer({ facts }: World, parts: ServerParts): SequenceServer {
  const { queue, admitted, executor, config, options, listener, iterations } = parts;
  return new SequenceServer(queue, executor, {
    ...sequenceRules(config, options),
    limiter: options.limiter,
    idOf: (position) => facts.sequenceId[admitted.rowAt(position)]!,
    flagsOf: (position) => facts.sequenceFlags[admitted.rowAt(position)]!,
    ...(iterations !== undefined && {
      again: (position, nowNs) => {
        const row = admitted.rowAt(position);
        if (!iterations.isUnderWay(row)) return false;
        facts.sequenceFlags[row] = 0;
        admitted.add(row, 0, 0);
        queue.push(nowNs, 1, queue.shapes?.[position] ?? 0);
        return true;
      },
    }),
    onRefused: (position) => {
      iterations?.end(admitted.rowAt(position));
      listener.drop(admitted.rowAt(position), Outcome.rejected);
    },
  });
}

/** Requests on their way into a model: in one plain queue, or in levels with limits and timeouts. */
export function queueOf({ setup }: World, index: number, listener: ServedListener) {
  const hasPolicy = setup.hasPolicy(index);
  const admitted = new AdmittedRows(setup.expectedEach, hasPolicy);
  const shaped = setup.tenants.some((tenant) => tenant.shape !== 0);
  // Where a cache is asked first, the one that waits the longest may not be the first in the queue.
  const isCached = usesCache(setup.server(setup.component.served[index]!), setup.served[index]!);
  const queue = new ModelQueue({
    queuedNs: new Float64Array(setup.expectedEach),
    sizes: setup.areAllOfOne && !isCached ? undefined : new Uint16Array(setup.expectedEach),
    shapes: shaped ? new Uint16Array(setup.expectedEach) : undefined,
    count: 0,
  });
  if (!hasPolicy) return { queue, admitted, policy: undefined };
  const policy = new PolicyQueue(queue, {
    ...setup.queueLevels(index),
    // Asked for anew each time: columns that grow are replaced.
    get priorities() {
      return admitted.priorities;
    },
    get timeoutsUs() {
      return admitted.timeoutsUs;
    },
    onDrop: (position, outcome) => listener.drop(admitted.rowAt(position), outcome),
  });
  return { queue, admitted, policy };
}
