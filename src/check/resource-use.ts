import { foundLoadedShare, hitShare } from '../metrics/model-shares.js';
import { replicationEstimate } from '../metrics/statistics/intervals.js';
import type { Estimate, ModelSummary, Summary } from '../metrics/summary.js';
import { knowsMemory } from '../scenario/loading.js';
import type { Scenario } from '../scenario/scenario.js';

/** What a report does not say: of devices and hosts intervals over the replications, what is not known, and who is fined. */
export interface ResourceUse {
  /** Busy share 0..1 by device, as `server/device`. */
  readonly busyShare: ReadonlyMap<string, Estimate>;
  /** Share of the cores in use by server; 0 where the host never limits. */
  readonly hostBusyShare: ReadonlyMap<string, Estimate>;
  /** MiB that are left by device; NaN where a profile does not know its memory. */
  readonly memoryHeadroomMb: ReadonlyMap<string, number>;
  /** Share of its requests that the response cache answers, 0..1, by model, as `server/model`. */
  readonly hitShare: ReadonlyMap<string, Estimate>;
  /** The same of those that find it loaded, where it is loaded when requests ask for it. */
  readonly foundLoadedShare: ReadonlyMap<string, Estimate>;
  /** Tenants whose violated SLO costs something. */
  readonly fined: ReadonlySet<string>;
}

/** What is asked of a replication. */
type RunUse = Pick<Summary, 'devices' | 'hosts' | 'models'>;

/** The use of resources in one or more replications of a scenario. */
export function resourceUse(scenario: Scenario, runs: readonly RunUse[]): ResourceUse {
  const [first] = runs;
  const overRuns = (figure: (run: RunUse) => number) => replicationEstimate(runs.map(figure));
  const sharesOf = (figure: (model: ModelSummary) => number | undefined) =>
    new Map(
      first!.models.flatMap((model, m) =>
        figure(model) === undefined
          ? []
          : [[`${model.server}/${model.model}`, overRuns((run) => figure(run.models[m]!) ?? Number.NaN)]],
      ),
    );
  return {
    busyShare: new Map(
      first!.devices.map(({ server, device }, d) => [
        `${server}/${device}`,
        overRuns((run) => run.devices[d]!.busyShare),
      ]),
    ),
    hostBusyShare: new Map(
      first!.hosts.map(({ server }, h) => [
        server,
        overRuns((run) => run.hosts[h]!.coresBusy / run.hosts[h]!.cpuCores),
      ]),
    ),
    memoryHeadroomMb: new Map(
      first!.devices.map(({ server, device, memoryMb, memoryUsedMb }) => {
        const isKnown = knowsMemory(scenario.servers.find(({ name }) => name === server)!, device);
        return [`${server}/${device}`, isKnown ? memoryMb - memoryUsedMb : Number.NaN];
      }),
    ),
    hitShare: sharesOf(({ cache }) => cache && hitShare(cache)),
    foundLoadedShare: sharesOf(({ loading }) => loading && foundLoadedShare(loading)),
    fined: new Set(
      scenario.tenants.filter(({ slo }) => (slo?.penaltyUsdPerHour ?? 0) > 0).map(({ name }) => name),
    ),
  };
}
