import { groupBy } from '../../base/group-by.js';
import { serviceTime, totalMs } from '../../profile/service-time.js';
import { isComposed } from '../composition.js';
import type { ModelInstance, Scenario, ServedModel, Server, Tenant } from '../scenario.js';

/** The time that instances have for executions, of which tenants take what they need, one after the other. */
export class InstanceTime {
  readonly #servers: Scenario['servers'];
  /** Seconds of execution per second that nobody has taken, of each device that is shared and each group of instances that is not. */
  readonly #left = new Map<string, number>();

  constructor(servers: Scenario['servers']) {
    this.#servers = servers;
  }

  /** Of the requests that a tenant wants to send per second, as many as instances have time for. */
  answeredPerS({ targets, batchSize }: Tenant, wantedPerS: number): number {
    let answeredPerS = 0;
    for (const target of targets) {
      const server = this.#servers[target.server]!;
      const model = server.models[target.model]!;
      // What those that it calls have time for is not asked: the estimate is one from above.
      if (isComposed(model) || model.engine !== undefined) return wantedPerS;
      for (const [device, instances] of groupBy(model.instances, (instance) => instance.device)) {
        if (answeredPerS >= wantedPerS) return wantedPerS;
        const isShared = device >= 0 && server.devices[device]!.sharing.mode !== 'exclusive';
        const secondsEach = batchSize * secondsPerInference(model, instances[0]!, batchSize, isShared);
        if (secondsEach === 0) return wantedPerS;
        const key = `${target.server} ${device} ${isShared ? '' : target.model}`;
        const left = this.#left.get(key) ?? (isShared ? executionsAtOnce(server, device) : instances.length);
        const perS = Math.min(wantedPerS - answeredPerS, left / secondsEach);
        this.#left.set(key, left - perS * secondsEach);
        answeredPerS += perS;
      }
    }
    return answeredPerS;
  }
}

/** Shortest time of an instance, or of a device that several share, for one inference in a batch that the model may form. */
function secondsPerInference(
  { config, pipelined }: ServedModel,
  { profile }: ModelInstance,
  batchSize: number,
  isShared: boolean,
): number {
  const largest = config.dynamicBatching === undefined ? batchSize : Math.max(batchSize, config.maxBatchSize);
  const measured = profile.service.map((point) => point.batchSize);
  const sizes = [batchSize, ...measured.filter((size) => size > batchSize && size < largest), largest];
  const milliseconds = sizes.map((size) => {
    const times = serviceTime(profile, size);
    // Copies of one execution run beside the inference of another.
    return (isShared || pipelined === true ? times.inferMs : totalMs(times)) / size;
  });
  return Math.min(...milliseconds) / 1000;
}

/** Executions that a shared device runs at once without slowing any, at the most: where they take turns, one. */
function executionsAtOnce({ devices, models }: Server, device: number): number {
  switch (devices[device]!.sharing.mode) {
    case 'timeSlices':
      return 1;
    case 'exclusive':
    case 'mig':
    case 'streams':
    case 'hostCores':
    case 'mps': {
      const instances = models.flatMap((model) => model.instances);
      return instances.filter((instance) => instance.device === device).length;
    }
  }
}
