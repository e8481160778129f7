import type { Scenario } from '../../../src/scenario/scenario.js';
import { Outcome, type RequestLog } from '../../../src/trace/request-log.js';

/** The trace file that a Triton server would have written of a simulated run, every request traced. */
export function tritonTraceOf(log: RequestLog, scenario: Scenario): string {
  const modelOf = log.tenants.map((name) => scenario.tenants.find((tenant) => tenant.name === name)!.model);
  const releasedUs = new Map<number, number>();
  for (let row = 0; row < log.tenant.length; row++) {
    const execution = log.calls.execution[row]!;
    releasedUs.set(
      execution,
      Math.max(releasedUs.get(execution) ?? 0, computeEndUs(log, row) + log.calls.responseUs[row]!),
    );
  }
  const events = Array.from(log.tenant, (tenant, row) => {
    if (log.outcome[row] !== Outcome.completed) return [];
    const stamp = (name: string, us: number) => ({ name, ns: Math.round(us * 1000) + EPOCH_NS });
    const queuedUs = log.calls.queuedUs[row]!;
    const startUs = log.calls.startedUs[row]!;
    const inputEndUs = startUs + log.calls.inputUs[row]!;
    return [
      { id: row + 1, model_name: modelOf[tenant]!, model_version: 1 },
      {
        id: row + 1,
        timestamps: [
          stamp('GRPC_WAITREAD_START', 0),
          stamp('GRPC_WAITREAD_END', queuedUs - log.frontEndUs[row]!),
          stamp('REQUEST_START', queuedUs),
          stamp('QUEUE_START', queuedUs),
          stamp('COMPUTE_START', startUs),
          stamp('COMPUTE_INPUT_END', inputEndUs),
          stamp('COMPUTE_OUTPUT_START', inputEndUs + log.calls.inferUs[row]!),
          stamp('COMPUTE_END', computeEndUs(log, row)),
          stamp('REQUEST_END', releasedUs.get(log.calls.execution[row]!)!),
        ],
      },
    ];
  });
  return JSON.stringify(events.flat());
}

/** Clocks of servers do not begin with the run. */
const EPOCH_NS = 5_000_000_000_000;

function computeEndUs(log: RequestLog, row: number): number {
  return (
    log.calls.startedUs[row]! + log.calls.inputUs[row]! + log.calls.inferUs[row]! + log.calls.outputUs[row]!
  );
}
