import type { Problem } from '../base/problem.js';
import { shortened } from '../base/shortened.js';
import type { InferenceClient, RepositoryEntry } from './inference-client.js';

/** Of the names of models in a message. */
const MOST_SHOWN = 2000;

/** The models of a server that can be asked for, by name. */
export async function readyModels(client: InferenceClient): Promise<string[]> {
  return namesOfReady(client, await client.repositoryIndex());
}

/** What is wrong with those of the models that the server does not serve now. */
export async function modelProblems(client: InferenceClient, models: readonly string[]): Promise<Problem[]> {
  if (models.length === 0) return [];
  const index = await client.repositoryIndex();
  const ready = await namesOfReady(client, index);
  const missing = [...new Set(models)].filter((model) => !ready.includes(model));
  return missing.map((model) => {
    const entry = index.find((each) => each.model === model);
    if (entry === undefined) {
      return {
        what: `${client.url} has no model "${model}"`,
        remedy: `ready there: ${shortened(ready.join(', '), MOST_SHOWN) || 'none'}`,
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
  const ready = new Set(index.filter(({ state }) => state === 'READY').map(({ model }) => model));
  const unsaid = new Set(index.filter(({ state }) => state === '').map(({ model }) => model));
  const names = [...unsaid].filter((model) => !ready.has(model));
  for (let from = 0; from < names.length; from += ASKED_AT_ONCE) {
    const some = names.slice(from, from + ASKED_AT_ONCE);
    const answers = await Promise.all(some.map((model) => client.isModelReady(model)));
    for (const [i, isReady] of answers.entries()) if (isReady) ready.add(some[i]!);
  }
  return [...ready].sort();
}

/** A call under way takes some 20 kB: an index may name more models than there is memory to ask for at once. */
const ASKED_AT_ONCE = 32;
