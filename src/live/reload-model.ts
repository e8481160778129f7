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
  await client.unloadModel(model);
  await untilUnloaded(client, model);
  await client.loadModel(model, options);
}

/** Unloading returns early; the model is gone when the repository index no longer calls it ready. */
async function untilUnloaded(client: InferenceClient, model: string): Promise<void> {
  const endMs = performance.now() + UNLOADED_WITHIN_MS;
  while (performance.now() < endMs) {
    const entries = (await client.repositoryIndex()).filter((each) => each.model === model);
    if (entries.every(({ state }) => state === 'UNAVAILABLE' || state === '')) return;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}
