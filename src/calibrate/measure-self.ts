import { withScheduling } from '../emit/with-scheduling.js';
import { reloadModel } from '../live/reload-model.js';
import type { ModelConfig } from '../scenario/model-config.js';
import type { ModelConfigFields } from '../scenario/triton/fields.js';
import { observationOf, type PointPart } from './assemble-observation.js';
import type { ExperimentOf } from './experiment.js';
import { closedLoopClients, type LiveAccess, type MeasureContext } from './measure-part.js';
import type { Observation, TurnObservation } from './observation.js';
import { whileChanged } from './temporary-change.js';
import { TURN_S } from './turns.js';

/**
 * Two clients of a model, one of them alone, in turns of a second. A model that serves one instance is loaded with two
 * for it.
 * @throws LiveError when the server fails or refuses
 */
export async function measureSelf(
  experiment: ExperimentOf<'self'>,
  context: MeasureContext,
): Promise<Observation> {
  const { reloads, model } = experiment;
  if (!reloads) return inTurns(experiment, context);
  return context.server.withInstances(model, RELOADED, () => inTurns(experiment, context));
}

/** Instances of a model that serves one, while it is measured. */
const RELOADED = 2;

interface SelfTurnLoad {
  readonly turn: TurnObservation['turn'];
  readonly concurrency: number;
}

/** One client and two, then as many as keep every instance busy. */
function turnsOf({ all }: ExperimentOf<'self'>): SelfTurnLoad[] {
  return [
    { turn: 'both', concurrency: 2 },
    { turn: 'first', concurrency: 1 },
    ...(all === undefined ? [] : [{ turn: 'all', concurrency: all.closedLoopClients } as const]),
  ];
}

/** Loads a model of a live server with so many instances while something is done, and gives it back as it was found. */
export async function withLiveInstances<T>(
  { model, instances }: { readonly model: string; readonly instances: number },
  { client, noteChanged }: LiveAccess,
  work: () => Promise<T>,
): Promise<T> {
  return whileChanged(model, client, noteChanged, async (found) => {
    const config = withScheduling(found.json as ModelConfigFields, withInstances(found.config, instances));
    await reloadModel(client, model, { configJson: JSON.stringify(config) });
    return work();
  });
}

/**
 * The configuration with so many instances where its first ones are, on one device, without a batcher that would put requests
 * together.
 */
export function withInstances({ dynamicBatching: _, ...config }: ModelConfig, count: number): ModelConfig {
  const group = config.instanceGroups.find(({ passive }) => !passive) ?? config.instanceGroups[0]!;
  return { ...config, instanceGroups: [{ ...group, count, gpus: group.gpus.slice(0, 1) }] };
}

async function inTurns(
  experiment: ExperimentOf<'self'>,
  { server, longestS }: MeasureContext,
): Promise<Observation> {
  const { model, batchSize } = experiment;
  const loads = turnsOf(experiment).map(({ turn, concurrency }) => ({
    turn,
    load: closedLoopClients(model, batchSize, concurrency),
  }));
  await server.warmUp([loads[0]!.load]);
  const parts: PointPart[] = [];
  const turns: TurnObservation[] = [];
  for (let spentS = 0; spentS < longestS || turns.length < loads.length; spentS += TURN_S) {
    const { turn, load } = loads[turns.length % loads.length]!;
    const part = await server.play([load], TURN_S, TURN_S);
    parts.push(part);
    turns.push({ turn, statistics: part.statistics });
  }
  const { slices: _, ...observation } = observationOf(experiment, [loads[0]!.load], parts, server.nowMs());
  return { ...observation, turns };
}
