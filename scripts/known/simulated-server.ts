import type { PointLoad, PointPart } from '../../src/calibrate/assemble-observation.js';
import { isEnough } from '../../src/calibrate/measure-steps.js';
import type { MeasuredServer, Steps } from '../../src/calibrate/measured-server.js';
import { type LoadObservation, type PointCpuUse, withoutSchedule } from '../../src/calibrate/observation.js';
import { BATCHER_SLEEP_NS } from '../../src/simulator/server/batcher-thread.js';
import { Outcome, type RequestLog } from '../../src/trace/request-log.js';
import { answeredRows } from '../support/latencies.js';
import { firstOfExecutions, statisticsOf } from './counted.js';
import { type KnownServer, played } from './known-server.js';

/** Requests under way at the end of a load are answered and counted. */
const DRAIN_S = 2;
/** As many steps as calibration takes at most. */
const MOST_STEPS = 2000;
/** What reading the statistics between two steps takes. */
const READ_US = 300;

/** The simulator in the place of a server: it answers what its profiles say, on a clock of its own. */
export class SimulatedServer implements MeasuredServer {
  #known: KnownServer;
  #nowMs = Date.parse('2026-01-01T00:00:00Z');
  #runs = 0;

  constructor(known: KnownServer) {
    this.#known = known;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  async isServing(): Promise<boolean> {
    return true;
  }

  watchOthers(): () => undefined {
    return () => undefined;
  }

  async warmUp(): Promise<void> {}

  async play(loads: readonly PointLoad[], durationS: number, sliceS: number): Promise<PointPart> {
    const whole = this.#run(
      loads.map(({ load, ...each }) => ({ ...each, load: load(durationS) })),
      durationS + DRAIN_S,
    );
    const sent = sentBefore(whole, durationS * 1e6);
    const models = loads.map(({ model }) => model);
    const countedIn = (fromUs: number, toUs: number) =>
      models.map((model) =>
        statisticsOf(
          sent,
          model,
          answeredRows(
            sent,
            sent.tenants.indexOf(model),
            (row) => sent.endedUs[row]! >= fromUs && sent.endedUs[row]! < toUs,
          ),
        ),
      );
    const count = Math.max(1, Math.round(durationS / sliceS));
    this.#nowMs += 1000 * (durationS + DRAIN_S);
    return {
      result: {
        log: unfinishedAt(sent, durationS * 1e6),
        answers: { endedUs: sent.endedUs, outcome: sent.outcome },
        generator: withoutSchedule('simulated'),
      },
      durationS,
      statistics: countedIn(0, Number.POSITIVE_INFINITY),
      slices: Array.from({ length: count }, (_, index) => ({
        index,
        statistics: countedIn(index * sliceS * 1e6, (index + 1) * sliceS * 1e6),
      })),
      ...(this.#known.isLocal === true && { cpu: usedCores(this.#known, sent) }),
    };
  }

  async takeSteps(model: string, batchSize: number, longestS: number): Promise<Steps> {
    const load = {
      mode: 'closed',
      concurrency: 1,
      thinkTime: { law: 'constant', meanUs: READ_US },
      maxRequests: MOST_STEPS,
    } as const;
    const log = this.#run([{ model, batchSize, load }], longestS);
    const answered = answeredRows(log, log.tenants.indexOf(model));
    const times = answered.map(
      (row) => log.calls.inputUs[row]! + log.calls.inferUs[row]! + log.calls.outputUs[row]!,
    );
    const steps = 1 + times.findIndex((_, i) => isEnough(times.slice(0, i + 1)));
    const rows = steps === 0 ? answered : answered.slice(0, steps);
    const durationS = log.endedUs[rows.at(-1)!]! / 1e6;
    this.#nowMs += 1000 * durationS;
    const lostWakeUps = rows.filter(
      (row) => (log.calls.startedUs[row]! - log.calls.queuedUs[row]!) * 1000 > 0.9 * BATCHER_SLEEP_NS,
    );
    return {
      durationS,
      statistics: [statisticsOf(log, model, rows)],
      executionsUs: times.slice(0, rows.length),
      latenciesUs: rows.map((row) => log.endedUs[row]! - log.sentUs[row]!),
      lostWakeUps: lostWakeUps.map((row) => statisticsOf(log, model, [row])),
    };
  }

  async withInstances<T>(model: string, count: number, work: () => Promise<T>): Promise<T> {
    const found = this.#known;
    this.#known = {
      ...found,
      models: found.models.map((each) => {
        if (each.config.name !== model) return each;
        const { dynamic_batching: _, instance_group: groups = [], ...config } = each.config;
        const group = groups[0] ?? {};
        return { ...each, config: { ...config, instance_group: [{ ...group, count }] } };
      }),
    };
    try {
      return await work();
    } finally {
      this.#known = found;
    }
  }

  async loadAnew(name: string): Promise<LoadObservation> {
    const { load, memory } = this.#known.models.find(({ config }) => config.name === name)!.profile;
    this.#nowMs += load.loadMs + load.unloadMs;
    return { ...load, memoryMb: memory.modelMb + memory.perInstanceMb };
  }

  #run(loads: Parameters<typeof played>[1], durationS: number): RequestLog {
    return played(this.#known, loads, { durationS, seed: `${this.#known.name} ${this.#runs++}` });
  }
}

/** The rows of requests that left before that time. */
function sentBefore(log: RequestLog, untilUs: number): RequestLog {
  const keep = (_: unknown, row: number) => log.sentUs[row]! < untilUs;
  const kept = <T extends object>(table: T): T => {
    const columns = Object.entries(table).map(([key, column]) => [
      key,
      ArrayBuffer.isView(column) ? (column as Float64Array).filter(keep) : column,
    ]);
    return Object.fromEntries(columns) as T;
  };
  // Each request is one call.
  return { ...kept(log), calls: kept(log.calls) };
}

/** The log as it would be if it had ended then. */
function unfinishedAt(log: RequestLog, endUs: number): RequestLog {
  const outcome = log.outcome.map((each, row) => (log.endedUs[row]! < endUs ? each : Outcome.unfinished));
  return { ...log, outcome, endUs };
}

/** What requests and executions of a log took of the cores of their host, which the client shares. */
function usedCores({ models }: KnownServer, log: RequestLog): PointCpuUse {
  let clientS = 0;
  let requestsS = 0;
  const changes: { readonly atUs: number; readonly cores: number }[] = [];
  for (const { config, profile } of models) {
    if (!log.tenants.includes(config.name)) continue;
    const rows = answeredRows(log, log.tenants.indexOf(config.name));
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
