import { callEndedUs, firstCall } from '../../trace/calls.js';
import { Outcome, type RequestLog } from '../../trace/request-log.js';

/** Which requests are exported: those planned from one second of the run to before another. */
export interface ExportWindow {
  readonly fromS?: number;
  readonly toS?: number;
}

/** Indices of the requests of a window. */
export function* requestsIn(log: RequestLog, { fromS = 0, toS = Number.POSITIVE_INFINITY }: ExportWindow) {
  for (let i = 0; i < log.plannedUs.length; i++) {
    const second = log.plannedUs[i]! / 1e6;
    if (second >= fromS && second < toS) yield i;
  }
}

/** A call of a model, of those that were put into a queue. */
export interface CallRow {
  readonly call: number;
  readonly server: string;
  readonly model: string;
  readonly version: string | undefined;
  readonly queuedUs: number;
  /** NaN where it was not executed. */
  readonly startedUs: number;
  readonly executionUs: number;
  readonly endedUs: number;
}

/** The calls that worked for a request. */
export function callsOf(log: RequestLog, request: number): CallRow[] {
  const { calls, servers } = log;
  const rows: CallRow[] = [];
  for (let call = firstCall(log, request); call < firstCall(log, request + 1); call++) {
    const queuedUs = calls.queuedUs[call]!;
    if (Number.isNaN(queuedUs)) continue;
    const { name, version } = calls.models[calls.model[call]!]!;
    const executionUs = calls.inputUs[call]! + calls.inferUs[call]! + calls.outputUs[call]!;
    rows.push({
      call,
      server: servers[calls.server[call]!]!,
      model: name,
      version,
      queuedUs,
      startedUs: calls.startedUs[call]!,
      executionUs,
      endedUs: knownOr(callEndedUs(calls, call), endOf(log, request)),
    });
  }
  return rows;
}

const OUTCOMES = Object.keys(Outcome);

export function outcomeOf(log: RequestLog, request: number): string {
  return OUTCOMES[log.outcome[request]!]!;
}

/** When a request left the system, or the run ended. */
export function endOf(log: RequestLog, request: number): number {
  return knownOr(log.endedUs[request]!, log.endUs);
}

function knownOr(us: number, otherUs: number): number {
  return Number.isNaN(us) ? otherUs : us;
}
