import { replicationEstimate } from '../metrics/statistics/intervals.js';
import type { Estimate } from '../metrics/summary.js';
import type { SimulatedRun } from '../report/build-report.js';
import type { Server } from '../scenario/scenario.js';

/** What a report does not say: of devices and hosts intervals over the replications, what is not known, and who is fined. */
export interface ResourceUse {
  /** Busy share 0..1 by device, as `server/device`. */
  readonly utilisation: ReadonlyMap<string, Estimate>;
  /** Share of the cores in use by server; 0 where the host never limits. */
  readonly hostUtilisation: ReadonlyMap<string, Estimate>;
  /** MiB that are left by device; NaN where a profile does not know its memory. */
  readonly memoryHeadroomMb: ReadonlyMap<string, number>;
  /** Tenants whose violated SLO costs something. */
  readonly fined: ReadonlySet<string>;
}

/** The use of resources in one or more replications of a scenario. */
export function resourceUse(runs: readonly SimulatedRun[]): ResourceUse {
  const { scenario, result } = runs[0]!;
  const overRuns = (figure: (run: SimulatedRun) => number) => replicationEstimate(runs.map(figure));
  return {
    utilisation: new Map(
      result.devices.map(({ server, device }, d) => [
        `${server}/${device}`,
        overRuns((run) => run.result.devices[d]!.busyShare),
      ]),
    ),
    hostUtilisation: new Map(
      result.hosts.map(({ server }, h) => [
        server,
        overRuns((run) => run.result.hosts[h]!.coresBusy / run.result.hosts[h]!.cpuCores),
      ]),
    ),
    memoryHeadroomMb: new Map(
      result.devices.map(({ server, device, memoryMb, memoryUsedMb }) => {
        const isKnown = knowsMemory(scenario.servers.find(({ name }) => name === server)!, device);
        return [`${server}/${device}`, isKnown ? memoryMb - memoryUsedMb : Number.NaN];
      }),
    ),
    fined: new Set(
      scenario.tenants.filter(({ slo }) => (slo?.penaltyUsdPerHour ?? 0) > 0).map(({ name }) => name),
    ),
  };
}

function knowsMemory({ devices, models }: Server, device: string): boolean {
  const index = devices.findIndex(({ name }) => name === device);
  return models.every(({ instances }) =>
    instances.every((instance) => instance.device !== index || instance.profile.memory.known),
  );
}
