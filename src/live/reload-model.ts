import { setTimeout as pause } from 'node:timers/promises';
import { canonicalJson } from '../base/canonical-json.js';
import { type InferenceClient, LiveError, type LiveModelConfig } from './inference-client.js';

const UNLOADED_WITHIN_MS = 60_000;
const ASK_AGAIN_MS = 20;

/**
 * Unloads a model and loads it under a configuration (its own file's where left out). It is gone before it
 * comes back, so that a GPU need not hold it twice.
 * @throws LiveError when the server refuses; the model may then be unloaded
 */
export async function reloadModel(
  client: InferenceClient,
  model: string,
  options: { readonly configJson?: string } = {},
): Promise<void> {
  await unloadFully(client, model);
  await client.loadModel(model, options);
}

/** A model as it was found, before it was loaded under another configuration. */
export interface FoundModel {
  readonly name: string;
  /** As the server gave it. */
  readonly json: unknown;
}

/** Whether a model is ready, and under the configuration in which it was found. */
export async function isAsFound(client: InferenceClient, { name, json }: FoundModel): Promise<boolean> {
  return (await client.isModelReady(name)) && isSameConfig((await client.modelConfig(name)).json, json);
}

/** Whether two answers tell the same configuration: a server tells its parameters in another order each time. */
function isSameConfig(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

type AsServed = Pick<LiveModelConfig, 'json' | 'version'>;

/** Whether two answers are of one model: the same configuration, and the same version that answers. */
export function isSameModel(a: AsServed, b: AsServed): boolean {
  return a.version === b.version && isSameConfig(a.json, b.json);
}

/**
 * Gives a model the configuration in which it was found: from its file where that gives it, so that later
 * changes of the file count again; otherwise somebody else had loaded it under another one, and it gets that. Such a file may
 * be one that the server cannot load.
 * @throws LiveError when the server refuses; the model may then be unloaded
 */
export async function giveModelBack(client: InferenceClient, found: FoundModel): Promise<void> {
  const { name, json } = found;
  await unloadFully(client, name);
  const isLoaded = await client.loadModel(name).then(
    () => true,
    () => false,
  );
  if (!isLoaded || !(await isAsFound(client, found)))
    await reloadModel(client, name, { configJson: JSON.stringify(json) });
}

/**
 * Unloading returns early; the model is gone when the repository index no longer calls it ready.
 * @throws LiveError when the server refuses, or holds it for a minute
 */
export async function unloadFully(client: InferenceClient, model: string): Promise<void> {
  await client.unloadModel(model);
  const endMs = performance.now() + UNLOADED_WITHIN_MS;
  while (performance.now() < endMs) {
    const entries = (await client.repositoryIndex()).filter((each) => each.model === model);
    if (entries.every(({ state }) => state === 'UNAVAILABLE' || state === '')) return;
    await pause(ASK_AGAIN_MS);
  }
  throw new LiveError(
    'server',
    `"${model}" was still there ${UNLOADED_WITHIN_MS / 1000} s after it had been unloaded`,
    'see the log of the server: requests under way hold a model',
  );
}
