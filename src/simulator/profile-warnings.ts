import type { Warning } from '../base/warning.js';
import { regionWarnings } from '../profile/region.js';
import type { Scenario } from '../scenario/scenario.js';
import type { SimulationResult } from './result.js';

/** What the busy share of a device is taken from. */
type BusyDevice = Pick<SimulationResult['devices'][number], 'server' | 'device' | 'busyShare'>;

/**
 * What the profiles say about the use that a run made of them.
 * @param executions by batch size (index 0 is unused), of every model of every server, in the scenario's order
 */
export function profileWarnings(
  scenario: Scenario,
  executions: readonly { readonly byBatchSize: ArrayLike<number> }[],
  devices: readonly BusyDevice[],
): Warning[] {
  const found = new Map<string, Warning>();
  const inOrder = executions.values();
  for (const server of scenario.servers) {
    for (const model of server.models) {
      const { byBatchSize } = inOrder.next().value!;
      const sizes = sizesIn(byBatchSize);
      for (const device of new Set(model.instances.map((instance) => instance.device))) {
        const own = model.instances.filter((instance) => instance.device === device);
        const use = devices.find(
          (d) => d.server === server.name && d.device === server.devices[device]?.name,
        );
        const coRunners = server.models
          .filter(
            (other) => other !== model && other.instances.some((instance) => instance.device === device),
          )
          .map((other) => ({
            model: other.config.name,
            profile: other.instances.find((instance) => instance.device === device)!.profile,
          }));
        const shared = device >= 0 && own.length + coRunners.length > 1;
        for (const warning of regionWarnings(own[0]!.profile, {
          batchSizesUsed: sizes,
          instances: own.length,
          coRunners: coRunners.map(({ profile }) => ({ model: profile.model, profile })),
          ...(use === undefined ? {} : { utilization: use.busyShare }),
          ...(shared ? { sharing: server.devices[device]!.sharing.mode } : {}),
        })) {
          found.set(`${warning.code} ${warning.message}`, warning);
        }
      }
    }
  }
  return [...found.values()];
}

function sizesIn(byBatchSize: ArrayLike<number>): number[] {
  const sizes: number[] = [];
  for (let size = 1; size < byBatchSize.length; size++) if (byBatchSize[size]! > 0) sizes.push(size);
  return sizes;
}
