import { plural } from '../base/plural.js';
import { printable } from '../base/printable.js';
import { InputError, problemsOf } from '../base/problem.js';
import { deadlinePassed, oneLine, unreachable } from './errors.js';
import { LiveError } from './inference-client.js';
import { type MetricSample, type MetricsPage, parseMetricsPage } from './metrics-page.js';
import { withoutUser } from './triton/address.js';

/**
 * Fetches and reads a page of metrics. `url` may leave out scheme and path: `localhost:8002` means
 * `http://localhost:8002/metrics`. Rejects with a {@link LiveError}, or an `InputError` where the address is none.
 */
export async function readMetrics(
  url: string,
  { timeoutMs = 5000 }: { readonly timeoutMs?: number } = {},
): Promise<MetricsPage> {
  const parsed = metricsAddress(url);
  const text = await fetchText(parsed, timeoutMs);
  const address = shownAddress(parsed);
  try {
    return parseMetricsPage(text, address);
  } catch (error) {
    const { length: lines } = problemsOf(error);
    throw new LiveError(
      'server',
      `${address}: what it answers is no page of metrics (${lines} ${plural(lines, 'line')} of another form)`,
      "give the address of Triton's metrics (port 8002)",
    );
  }
}

const ADDRESS_REMEDY = 'write host:port or http://host:port/metrics';

function metricsAddress(url: string): URL {
  const text = /^https?:\/\//i.test(url) ? url : `http://${url}`;
  if (!URL.canParse(text))
    throw InputError.of(`"${withoutUser(url)}" is no address of metrics`, ADDRESS_REMEDY);
  const parsed = new URL(text);
  if (parsed.username !== '' || parsed.password !== '') {
    throw InputError.of(
      `"${shownAddress(parsed)}" with a user name before its host is no address of metrics`,
      ADDRESS_REMEDY,
    );
  }
  if (parsed.pathname === '/') parsed.pathname = '/metrics';
  return parsed;
}

/** Without what may be a secret: user, password and the values after `?`. */
function shownAddress({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

/** A page has some 2,500 bytes for each model; what is read from it takes up to a hundred times as much memory. */
const MOST_BYTES = 4 * 2 ** 20;

async function fetchText(url: URL, timeoutMs: number): Promise<string> {
  const address = shownAddress(url);
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    if (response.ok) return await boundedText(response, address);
    await response.body?.cancel();
    throw new LiveError(
      'refused',
      `${address}: ${response.status} ${printable(response.statusText)}`.trim(),
      'check the address, and that the server serves metrics (--allow-metrics)',
    );
  } catch (error) {
    if (error instanceof LiveError) throw error;
    if (error instanceof Error && error.name === 'TimeoutError') {
      throw deadlinePassed(address, 'GET', timeoutMs);
    }
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    throw unreachable(address, printable(oneLine(cause)) || 'no answer');
  }
}

/** @throws LiveError as soon as it is longer than a page of metrics can be, also where it came compressed */
async function boundedText({ body }: Response, address: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.length;
    if (bytes > MOST_BYTES) {
      throw new LiveError(
        'server',
        `${address}: its page has more than ${MOST_BYTES / 2 ** 20} MiB`,
        "give the address of Triton's metrics (port 8002)",
      );
    }
    parts.push(part);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
}

/** What DCGM says of one GPU at a moment; parts that the server does not report are absent. */
export interface GpuReading {
  readonly uuid: string;
  /** Share of the last sampling period in which a kernel ran, 0 to 1. */
  readonly utilization?: number;
  readonly memoryUsedBytes?: number;
  readonly memoryTotalBytes?: number;
  readonly powerWatts?: number;
}

const GPU_METRICS = {
  utilization: 'nv_gpu_utilization',
  memoryUsedBytes: 'nv_gpu_memory_used_bytes',
  memoryTotalBytes: 'nv_gpu_memory_total_bytes',
  powerWatts: 'nv_gpu_power_usage',
} as const;

/**
 * The server's GPUs now, by the page of its metrics at that address.
 * @throws LiveError when it cannot be read
 */
export async function readGpus(address: string): Promise<GpuReading[]> {
  return gpuReadings(await readMetrics(address));
}

/** One reading per GPU, by uuid; none where the server reports no GPUs (or runs on a MIG slice). */
export function gpuReadings(page: MetricsPage): GpuReading[] {
  const readings = new Map<string, Record<string, number>>();
  for (const [field, name] of Object.entries(GPU_METRICS)) {
    for (const { labels, value } of samplesOf(page, name)) {
      const uuid = labels.get('gpu_uuid');
      if (uuid === undefined || !Number.isFinite(value)) continue;
      readings.set(uuid, { ...readings.get(uuid), [field]: value });
    }
  }
  return [...readings].sort(([a], [b]) => (a < b ? -1 : 1)).map(([uuid, fields]) => ({ uuid, ...fields }));
}

/** Counters of a model since it was loaded; durations in microseconds, each request counting its whole batch. */
export interface ModelCounters {
  readonly model: string;
  readonly version: string;
  readonly successCount: number;
  readonly failureCount: number;
  readonly inferenceCount: number;
  readonly executionCount: number;
  readonly requestUs: number;
  readonly queueUs: number;
  readonly computeInputUs: number;
  readonly computeInferUs: number;
  readonly computeOutputUs: number;
}

/** Names of the counters, as Triton has them. */
export const MODEL_METRICS = {
  successCount: 'nv_inference_request_success',
  failureCount: 'nv_inference_request_failure',
  inferenceCount: 'nv_inference_count',
  executionCount: 'nv_inference_exec_count',
  requestUs: 'nv_inference_request_duration_us',
  queueUs: 'nv_inference_queue_duration_us',
  computeInputUs: 'nv_inference_compute_input_duration_us',
  computeInferUs: 'nv_inference_compute_infer_duration_us',
  computeOutputUs: 'nv_inference_compute_output_duration_us',
} as const;

type CounterName = keyof typeof MODEL_METRICS;

/**
 * The counters of each model and version, by name. A model on several GPUs has a series for each, and failures
 * one for each reason: both are added up.
 */
export function modelCounters(page: MetricsPage): ModelCounters[] {
  const counters = new Map<string, ModelCounters>();
  for (const [field, name] of Object.entries(MODEL_METRICS) as [CounterName, string][]) {
    for (const { labels, value } of samplesOf(page, name)) {
      const model = labels.get('model');
      if (model === undefined || !Number.isFinite(value)) continue;
      const version = labels.get('version') ?? '';
      const key = JSON.stringify([model, version]);
      const before = counters.get(key) ?? { ...NO_COUNTS, model, version };
      counters.set(key, { ...before, [field]: before[field] + value });
    }
  }
  return [...counters].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

const NO_COUNTS = Object.fromEntries(Object.keys(MODEL_METRICS).map((field) => [field, 0])) as Record<
  CounterName,
  number
>;

function samplesOf(page: MetricsPage, name: string): readonly MetricSample[] {
  return page.get(name) ?? [];
}
