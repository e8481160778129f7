import { withScheduling } from '../emit/with-scheduling.js';
import { giveModelBack, reloadModel } from '../live/reload-model.js';
import type { ModelConfig } from '../scenario/model-config.js';
import type { ModelConfigFields } from '../scenario/triton/fields.js';
import { observationOf, type Part } from './assemble-observation.js';
import type { Experiment } from './experiment.js';
import { callers, type MeasureContext, measurePart, warmUp } from './measure-part.js';
import type { Observation, TurnObservation } from './observation.js';
import { TURN_S } from './turns.js';

type SelfExperiment = Extract<Experiment, { kind: 'self' }>;

/**
 * Two callers of a model with two instances, and one of them alone, in turns of a second. A model that serves
 * one instance is loaded with two for it, and given back as it was found whatever happens.
 * @throws LiveError when the server fails or refuses
 */
export async function measureSelf(experiment: SelfExperiment, context: MeasureContext): Promise<Observation> {
  const { client } = context;
  if (!experiment.reloads) return inTurns(experiment, context);
  const found = await client.modelConfig(experiment.model);
  const config = withScheduling(found.json as ModelConfigFields, twoInstances(found.config));
  try {
    await reloadModel(client, experiment.model, { configJson: JSON.stringify(config) });
    return await inTurns(experiment, context);
  } finally {
    await giveModelBack(client, found);
  }
}

/** Two where its first instances are, on one device. */
function twoInstances(config: ModelConfig): ModelConfig {
  const group = config.instanceGroups.find(({ passive }) => !passive) ?? config.instanceGroups[0]!;
  return { ...config, instanceGroups: [{ ...group, count: 2, gpus: group.gpus.slice(0, 1) }] };
}

async function inTurns(experiment: SelfExperiment, context: MeasureContext): Promise<Observation> {
  const { model, batchSize } = experiment;
  const [one, two] = [callers(model, batchSize, 1), callers(model, batchSize, 2)];
  await warmUp([two], context);
  const parts: Part[] = [];
  const turns: TurnObservation[] = [];
  for (let spentS = 0; spentS < context.longestS || turns.length < 2; spentS += TURN_S) {
    const turn = turns.length % 2 === 0 ? 'both' : 'first';
    const part = await measurePart([turn === 'both' ? two : one], [model], TURN_S, context, TURN_S);
    parts.push(part);
    turns.push({ turn, statistics: part.statistics });
  }
  const { slices: _, ...observation } = observationOf(experiment, [two], parts);
  return { ...observation, turns };
}
