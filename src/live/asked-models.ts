import { withCalled } from '../scenario/composition.js';
import type { ModelConfig } from '../scenario/model-config.js';
import type { Scenario, Tenant } from '../scenario/scenario.js';
import type { InferenceClient, PreparedRequest } from './inference-client.js';

/** Configurations of the models that requests of a tenant reach, one way or another, on all of its servers. */
export function askedModels({ servers }: Scenario, { targets }: Tenant): ModelConfig[] {
  return targets.flatMap(({ server, model }) => {
    const { models } = servers[server]!;
    return withCalled(models, [model]).map((index) => models[index]!.config);
  });
}

/** Names of the models of a server that requests of any tenant reach. */
export function modelsReached({ servers, tenants }: Scenario, server: number): string[] {
  const targets = tenants.flatMap((tenant) => tenant.targets).filter((target) => target.server === server);
  const { models } = servers[server]!;
  const reached = withCalled(
    models,
    targets.map(({ model }) => model),
  );
  return reached.map((index) => models[index]!.config.name);
}

/** Whether some model on the way of a tenant's requests may answer from a cache. */
export function mayHitCache(scenario: Scenario, tenant: Tenant): boolean {
  return askedModels(scenario, tenant).some(({ responseCache }) => responseCache === true);
}

export function takesSequences(scenario: Scenario, tenant: Tenant): boolean {
  return askedModels(scenario, tenant).some(({ sequences }) => sequences !== undefined);
}

/** Above all that tenants number. */
const FIRST_OWN_SEQUENCE = 2 ** 52;
let ownSequences = 0;

/**
 * Gives a request again and again as no other is: each a sequence of its own where its tenant has sequences, and of another content
 * where it may meet a cache.
 */
export function distinctRequests(
  client: Pick<InferenceClient, 'mark'>,
  request: PreparedRequest,
  of: { readonly sequences: boolean; readonly contents: boolean },
): () => PreparedRequest {
  const { content } = request;
  if (!of.sequences && !(of.contents && content !== undefined)) return () => request;
  return () =>
    client.mark(request, {
      ...(of.sequences && {
        sequence: { id: FIRST_OWN_SEQUENCE + ownSequences++, starts: true, ends: true },
      }),
      ...(of.contents && content !== undefined && { content: Math.floor(Math.random() * content.room) }),
    });
}
