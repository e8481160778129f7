import { withScheduling } from '../emit/with-scheduling.js';
import { reloadModel } from '../live/reload-model.js';
import type { ModelConfig } from '../scenario/model-config.js';
import type { ModelConfigFields } from '../scenario/triton/fields.js';
import { observationOf, type PointPart } from './assemble-observation.js';
import type { Experiment } from './experiment.js';
import { closedLoopClients, type MeasureContext, measurePart, warmUp } from './measure-part.js';
import type { Observation, TurnObservation } from './observation.js';
import { whileChanged } from './temporary-change.js';
import { TURN_S } from './turns.js';

type SelfExperiment = Extract<Experiment, { kind: 'self' }>;

/**
 * Two clients of a model, one of them alone, and a crowd where there is one, in turns of a second. A model that serves
 * one instance is loaded with as many for it, and given back as it was found whatever happens.
 * @throws LiveError when the server fails or refuses
 */
export async function measureSelf(experiment: SelfExperiment, context: MeasureContext): Promise<Observation> {
  const { client, noteChanged } = context;
  if (!experiment.reloads) return inTurns(experiment, context);
  return whileChanged(experiment.model, client, noteChanged, async (found) => {
    const config = withScheduling(
      found.json as ModelConfigFields,
      withInstances(found.config, experiment.crowd ?? 2),
    );
    await reloadModel(client, experiment.model, { configJson: JSON.stringify(config) });
    return inTurns(experiment, context);
  });
}

/**
 * The configuration with so many instances where its first ones are, on one device, without a batcher that would put requests
 * together.
 */
function withInstances({ dynamicBatching: _, ...config }: ModelConfig, count: number): ModelConfig {
  const group = config.instanceGroups.find(({ passive }) => !passive) ?? config.instanceGroups[0]!;
  return { ...config, instanceGroups: [{ ...group, count, gpus: group.gpus.slice(0, 1) }] };
}

async function inTurns(experiment: SelfExperiment, context: MeasureContext): Promise<Observation> {
  const { model, batchSize, crowd } = experiment;
  const loads = [
    { turn: 'both', load: closedLoopClients(model, batchSize, 2) },
    { turn: 'first', load: closedLoopClients(model, batchSize, 1) },
    ...(crowd === undefined
      ? []
      : [{ turn: 'crowd', load: closedLoopClients(model, batchSize, crowd) } as const]),
  ] as const;
  await warmUp([loads[0].load], context);
  const parts: PointPart[] = [];
  const turns: TurnObservation[] = [];
  for (let spentS = 0; spentS < context.longestS || turns.length < loads.length; spentS += TURN_S) {
    const { turn, load } = loads[turns.length % loads.length]!;
    const part = await measurePart([load], TURN_S, context, TURN_S);
    parts.push(part);
    turns.push({ turn, statistics: part.statistics });
  }
  const { slices: _, ...observation } = observationOf(experiment, [loads[0].load], parts);
  return { ...observation, turns };
}
