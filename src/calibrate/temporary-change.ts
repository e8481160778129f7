import type { InferenceClient } from '../live/inference-client.js';
import { type FoundModel, giveModelBack, isAsFound } from '../live/reload-model.js';

/**
 * Does something for which a model is unloaded or loaded under another configuration, and gives it back as it was found
 * whatever happens. `note` is told before and after, for who may be killed in between.
 * @throws LiveError when the server fails or refuses
 */
export async function whileChanged<T>(
  model: string,
  client: InferenceClient,
  note: ((model: FoundModel | undefined) => Promise<void>) | undefined,
  work: (found: Awaited<ReturnType<InferenceClient['modelConfig']>>) => Promise<T>,
): Promise<T> {
  const live = await client.modelConfig(model);
  const found: FoundModel = { name: model, json: live.json };
  await note?.(found);
  try {
    return await work(live);
  } finally {
    if (!(await isAsFound(client, found))) await giveModelBack(client, found);
    await note?.(undefined);
  }
}
