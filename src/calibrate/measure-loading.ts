import { setTimeout as pause } from 'node:timers/promises';
import { sendOnce } from '../live/lone-requests.js';
import { requestTo } from '../live/model-inputs.js';
import { unloadFully } from '../live/reload-model.js';
import { readGpus } from '../live/server-metrics.js';
import type { ExperimentOf } from './experiment.js';
import type { LiveAccess, MeasureContext } from './measure-part.js';
import { type LoadObservation, type Observation, withoutSchedule } from './observation.js';
import { whileChanged } from './temporary-change.js';

/** What a placement change costs. */
export async function measureLoading(
  experiment: ExperimentOf<'load'>,
  { server }: Pick<MeasureContext, 'server'>,
): Promise<Observation> {
  const startedMs = server.nowMs();
  const load = await server.loadAnew(experiment.model);
  return {
    experiment,
    measuredAt: new Date(server.nowMs()).toISOString(),
    durationS: (server.nowMs() - startedMs) / 1000,
    clients: [],
    statistics: [],
    generator: withoutSchedule('no load was generated'),
    load,
  };
}

/**
 * Unloads and loads a model of a live server and sends the first request. GPU memory is the difference that the metrics
 * show; they are refreshed every one or two seconds. The model is given back as it was found whatever happens.
 * @throws LiveError when the server fails or refuses, or its metrics cannot be read
 */
export async function loadLiveAnew(model: string, access: LiveAccess): Promise<LoadObservation> {
  const { client, metricsUrl, noteChanged } = access;
  // A wrong address is told before the model is gone.
  if (metricsUrl !== undefined) await readGpus(metricsUrl);
  return whileChanged(model, client, noteChanged, () => loadAnew(model, access));
}

async function loadAnew(
  model: string,
  { client, configs, inputs, metricsUrl }: LiveAccess,
): Promise<LoadObservation> {
  const request = client.prepare(requestTo(configs.get(model)!, 1, inputs));
  const unloadMs = await timed(() => unloadFully(client, model));
  const before = await gpuMemoryMb(metricsUrl);
  const loadMs = await timed(() => client.loadModel(model));
  const firstMs = await timed(() => sendOnce(client, request));
  const after = await gpuMemoryMb(metricsUrl);
  const usualMs = Math.min(...(await repeated(USUAL_REQUESTS, () => timed(() => sendOnce(client, request)))));
  return {
    unloadMs,
    loadMs,
    firstInferenceMs: Math.max(0, firstMs - usualMs),
    ...(before !== undefined && after !== undefined && after > before && { memoryMb: after - before }),
  };
}

/** The quickest of so many was held up by nothing. */
const USUAL_REQUESTS = 5;

/** Longer than Triton's metrics stay as they are. */
const METRICS_REFRESHED_MS = 2500;

async function gpuMemoryMb(metricsUrl: string | undefined): Promise<number | undefined> {
  if (metricsUrl === undefined) return undefined;
  await pause(METRICS_REFRESHED_MS);
  const used = (await readGpus(metricsUrl)).flatMap(({ memoryUsedBytes }) => memoryUsedBytes ?? []);
  return used.length === 0 ? undefined : used.reduce((sum, bytes) => sum + bytes, 0) / 2 ** 20;
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await act();
  return performance.now() - started;
}

async function repeated<T>(count: number, act: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < count; i++) results.push(await act());
  return results;
}
