import type { InferenceClient, LiveError, PreparedRequest } from '../live/inference-client.js';
import { buildInputs } from '../live/input-data.js';
import { unloadFully } from '../live/reload-model.js';
import { gpuReadings, readMetrics } from '../live/server-metrics.js';
import type { Experiment } from './experiment.js';
import type { MeasureContext } from './measure-part.js';
import type { LoadObservation, Observation } from './observation.js';

/**
 * Unloads and loads a model and sends the first request: what a placement change costs. GPU memory is the
 * difference that the metrics show; they are refreshed every one or two seconds.
 */
export async function measureLoading(
  experiment: Extract<Experiment, { kind: 'load' }>,
  context: MeasureContext,
): Promise<Observation> {
  const { client, configs, inputs, metricsUrl } = context;
  const { model } = experiment;
  const request = client.prepare({
    model,
    batchSize: 1,
    inputs: buildInputs(configs.get(model)!, { ...inputs, batchSize: 1 }),
  });
  const started = performance.now();
  const unloadMs = await timed(() => unloadFully(client, model));
  const before = await gpuMemoryMb(metricsUrl);
  const loadMs = await timed(() => client.loadModel(model));
  const firstMs = await timed(() => sendOnce(client, request));
  const after = await gpuMemoryMb(metricsUrl);
  const usualMs = Math.min(...(await repeated(5, () => timed(() => sendOnce(client, request)))));
  const load: LoadObservation = {
    unloadMs,
    loadMs,
    firstInferenceMs: Math.max(0, firstMs - usualMs),
    ...(before !== undefined && after !== undefined && after > before && { memoryMb: after - before }),
  };
  return {
    experiment,
    measuredAt: new Date().toISOString(),
    durationS: (performance.now() - started) / 1000,
    clients: [],
    statistics: [],
    generator: QUIET,
    load,
  };
}

const QUIET: Observation['generator'] = {
  lagMs: { p50: 0, p99: 0, max: 0 },
  stalls: { count: 0, longestMs: 0, totalMs: 0 },
  fellBehind: false,
  verdict: 'no load was generated',
};

async function gpuMemoryMb(metricsUrl: string | undefined): Promise<number | undefined> {
  if (metricsUrl === undefined) return undefined;
  await pause(2500);
  const readings = gpuReadings(await readMetrics(metricsUrl));
  const used = readings.flatMap(({ memoryUsedBytes }) => memoryUsedBytes ?? []);
  return used.length === 0 ? undefined : used.reduce((sum, bytes) => sum + bytes, 0) / 2 ** 20;
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await act();
  return performance.now() - started;
}

function sendOnce(client: InferenceClient, request: PreparedRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    client.send(request, (error: LiveError | undefined) => (error === undefined ? resolve() : reject(error)));
  });
}

async function repeated<T>(count: number, act: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < count; i++) results.push(await act());
  return results;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
