import { Outcome, type RequestLog } from '../../../src/trace/request-log.js';

/** Triton's counters of one model by name, as a run of that model alone leaves them behind at a moment. */
export function countersOf(log: RequestLog, untilUs = Number.POSITIVE_INFINITY): Record<string, number> {
  const counters: Record<string, number> = Object.fromEntries(COUNTERS.map((name) => [name, 0]));
  const add = (name: (typeof COUNTERS)[number], value: number) => {
    counters[name]! += value;
  };
  const executions = new Set<number>();
  for (let row = 0; row < log.tenant.length; row++) {
    if (log.outcome[row] !== Outcome.completed || log.endedUs[row]! > untilUs) continue;
    const queueUs = log.calls.startedUs[row]! - log.calls.queuedUs[row]!;
    const computeUs = log.calls.inputUs[row]! + log.calls.inferUs[row]! + log.calls.outputUs[row]!;
    executions.add(log.calls.execution[row]!);
    add('nv_inference_request_success', 1);
    add('nv_inference_count', log.batchSize[row]!);
    add('nv_inference_request_duration_us', queueUs + computeUs + log.calls.responseUs[row]!);
    add('nv_inference_queue_duration_us', queueUs);
    add('nv_inference_compute_input_duration_us', log.calls.inputUs[row]!);
    add('nv_inference_compute_infer_duration_us', log.calls.inferUs[row]!);
    add('nv_inference_compute_output_duration_us', log.calls.outputUs[row]!);
  }
  counters['nv_inference_exec_count'] = executions.size;
  return counters;
}

const COUNTERS = [
  'nv_inference_request_success',
  'nv_inference_count',
  'nv_inference_exec_count',
  'nv_inference_request_duration_us',
  'nv_inference_queue_duration_us',
  'nv_inference_compute_input_duration_us',
  'nv_inference_compute_infer_duration_us',
  'nv_inference_compute_output_duration_us',
] as const;

/** The counters as a page of /metrics. */
export function pageOf(counters: Readonly<Record<string, number>>, model: string): string {
  return Object.entries(counters)
    .map(([name, value]) => `# TYPE ${name} counter\n${name}{model="${model}",version="1"} ${value}\n`)
    .join('');
}

/** Counters at several times as Prometheus answers a range query. */
export function rangeOf(
  readings: readonly { readonly atS: number; readonly counters: Readonly<Record<string, number>> }[],
  model: string,
): string {
  const names = Object.keys(readings[0]!.counters);
  const result = names.map((name) => ({
    metric: { __name__: name, model, version: '1', instance: 'host:8002' },
    values: readings.map(({ atS, counters }) => [atS, String(counters[name])]),
  }));
  return JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } });
}
