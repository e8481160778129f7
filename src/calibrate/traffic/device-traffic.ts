import { remembered } from '../../base/remembered.js';
import type { ModelConfig } from '../../scenario/model-config.js';
import { type CoRunning, coRunning } from './co-running.js';
import type { TracedModel } from './executions.js';
import type { TrafficFacts } from './traffic-profile.js';

/** The executions that share a device with a model's own, swept for who ran beside whom. */
export interface DeviceTraffic {
  /** All executions on the device, in the order of `models`. */
  readonly models: readonly TracedModel[];
  readonly beside: CoRunning;
  /** Index of the model's first execution in `beside.times`. */
  readonly offset: number;
}

/** @param isAlone whether each model counts as the only one of its device */
export function devicesOf(
  models: readonly TracedModel[],
  { configs }: Pick<TrafficFacts, 'configs'>,
  isAlone: boolean,
): (model: TracedModel) => DeviceTraffic {
  const sweep = (group: readonly TracedModel[]) =>
    coRunning(
      group.flatMap(({ executions }, kind) => executions.map((execution) => ({ ...execution, kind }))),
      group.length,
    );
  if (isAlone) return (model) => ({ models: [model], beside: sweep([model]), offset: 0 });
  // One sweep for all that can meet the same.
  const sweeps = new Map<string, CoRunning>();
  return (model) => {
    const group = models.filter((other) => mayMeet(configs?.get(model.model), configs?.get(other.model)));
    const key = group.map((other) => other.model).join('\n');
    return {
      models: group,
      beside: remembered(sweeps, key, () => sweep(group)),
      offset: group
        .slice(0, group.indexOf(model))
        .reduce((sum, { executions }) => sum + executions.length, 0),
    };
  };
}

/** Whether models may have instances on one device: not where their configurations name different GPUs. */
function mayMeet(a: ModelConfig | undefined, b: ModelConfig | undefined): boolean {
  const [own = [], others = []] = [a, b].map((one) => one?.instanceGroups.flatMap(({ gpus }) => gpus));
  return own.length === 0 || others.length === 0 || own.some((gpu) => others.includes(gpu));
}
