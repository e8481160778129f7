import type { InferenceClient } from '../live/inference-client.js';
import { watchOthers } from '../live/machine-use.js';
import { loadLiveAnew } from './measure-loading.js';
import { type LiveAccess, measurePart, warmUp } from './measure-part.js';
import { withLiveInstances } from './measure-self.js';
import { takeLiveSteps } from './measure-steps.js';
import type { MeasuredServer } from './measured-server.js';

/** A live server as calibration measures it. Its methods reject with a `LiveError` when the server fails. */
export function liveServer(access: LiveAccess): MeasuredServer {
  const { client } = access;
  return {
    nowMs: () => performance.timeOrigin + performance.now(),
    isServing: (model) => isServing(client, model),
    watchOthers: () => watchOthers([client.url]),
    warmUp: (loads) => warmUp(loads, access),
    play: (loads, durationS, sliceS) => measurePart(loads, durationS, access, sliceS),
    takeSteps: (model, batchSize, longestS) => takeLiveSteps({ model, batchSize, longestS }, access),
    withInstances: (model, instances, work) => withLiveInstances({ model, instances }, access, work),
    loadAnew: (model) => loadLiveAnew(model, access),
  };
}

async function isServing(client: InferenceClient, model: string): Promise<boolean> {
  try {
    return (await client.isServerReady()) && (await client.isModelReady(model));
  } catch {
    return false;
  }
}
