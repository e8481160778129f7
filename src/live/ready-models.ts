import type { Problem } from '../base/problem.js';
import type { InferenceClient, RepositoryEntry } from './inference-client.js';

/** The models of a server that can be asked for, by name. */
export async function readyModels(client: InferenceClient): Promise<string[]> {
  return namesOfReady(client, await client.repositoryIndex());
}

/** What is wrong with those of the models that the server does not serve now. */
export async function modelProblems(client: InferenceClient, models: readonly string[]): Promise<Problem[]> {
  const index = await client.repositoryIndex();
  const ready = await namesOfReady(client, index);
  const missing = [...new Set(models)].filter((model) => !ready.includes(model));
  return missing.map((model) => {
    const entry = index.find((each) => each.model === model);
    if (entry === undefined) {
      return {
        what: `${client.url} has no model "${model}"`,
        remedy: `ready there: ${ready.join(', ') || 'none'}`,
      };
    }
    const state = [entry.state || 'not loaded', entry.reason].filter((part) => part !== '').join(', ');
    return {
      what: `the model "${model}" of ${client.url} is not ready (${state})`,
      remedy: "load it; the server's log says why it did not load",
    };
  });
}

/** Triton leaves out the state of a model that it was never told to load; others may leave it out always. */
async function namesOfReady(client: InferenceClient, index: readonly RepositoryEntry[]): Promise<string[]> {
  const names = await Promise.all(
    index.map(async ({ model, state }) => {
      const isReady = state === '' ? await client.isModelReady(model) : state === 'READY';
      return isReady ? [model] : [];
    }),
  );
  return [...new Set(names.flat())].sort();
}
