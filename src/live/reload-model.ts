import type { InferenceClient } from './inference-client.js';

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

/**
 * Gives a model the configuration in which it was found: from its file where that gives it, so that later
 * changes of the file count again; otherwise somebody else had loaded it under another one, and it gets that.
 * @throws LiveError when the server refuses; the model may then be unloaded
 */
export async function giveModelBack(client: InferenceClient, { name, json }: FoundModel): Promise<void> {
  await reloadModel(client, name);
  const fromFile = await client.modelConfig(name);
  const configJson = JSON.stringify(json);
  if (JSON.stringify(fromFile.json) !== configJson) await reloadModel(client, name, { configJson });
}

/** Unloading returns early; the model is gone when the repository index no longer calls it ready. */
export async function unloadFully(client: InferenceClient, model: string): Promise<void> {
  await client.unloadModel(model);
  const endMs = performance.now() + UNLOADED_WITHIN_MS;
  while (performance.now() < endMs) {
    const entries = (await client.repositoryIndex()).filter((each) => each.model === model);
    if (entries.every(({ state }) => state === 'UNAVAILABLE' || state === '')) return;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}
