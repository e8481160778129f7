import type { PointCpuUse } from '../../src/calibrate/observation.js';
import type { RequestLog } from '../../src/trace/request-log.js';
import { answeredRows, firstOfExecutions } from './counted.js';
import type { KnownServer } from './known-server.js';

/** What requests and executions of a log took of the cores of their host, which the client shares. */
export function usedCores({ models }: KnownServer, log: RequestLog): PointCpuUse {
  let clientS = 0;
  let requestsS = 0;
  const changes: { readonly atUs: number; readonly cores: number }[] = [];
  for (const { config, profile } of models) {
    if (!log.tenants.includes(config.name)) continue;
    const rows = answeredRows(log, config.name);
    const executions = firstOfExecutions(log, rows);
    const { requestCpuUs = 0, executionCpuUs = 0, clientCpuUs = 0 } = profile.serving!;
    clientS += (rows.length * clientCpuUs) / 1e6;
    requestsS += (rows.length * requestCpuUs + executions.length * executionCpuUs) / 1e6;
    for (const row of executions) {
      const atUs = log.calls.startedUs[row]! + log.calls.inputUs[row]!;
      const cores = profile.hostCores.infer;
      changes.push({ atUs, cores }, { atUs: atUs + log.calls.inferUs[row]!, cores: -cores });
    }
  }
  const serverS = requestsS + computedS(changes, models[0]!.profile.serving!.cpuCores!);
  return { machineS: serverS + clientS, clientS, serverS, otherS: 0 };
}

/** Core time of executions that begin and end so: no more cores at once than there are. */
function computedS(changes: { readonly atUs: number; readonly cores: number }[], most: number): number {
  let [busyUs, cores, beforeUs] = [0, 0, 0];
  for (const change of changes.sort((a, b) => a.atUs - b.atUs)) {
    busyUs += Math.min(cores, most) * (change.atUs - beforeUs);
    beforeUs = change.atUs;
    cores += change.cores;
  }
  return busyUs / 1e6;
}
