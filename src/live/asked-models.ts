import { withCalled } from '../scenario/composition.js';
import type { Scenario, ServedModel, Server, Tenant } from '../scenario/scenario.js';
import type { InferenceClient, PreparedRequest } from './inference-client.js';

/** Models that requests of a tenant reach, one way or another, on all of its servers. */
export function askedModels({ servers }: Scenario, { targets }: Tenant): ServedModel[] {
  return targets.flatMap(({ server, model }) => servedWithCalled(servers[server]!, [model]));
}

/** Models of a server that requests of any tenant reach. */
export function modelsReached({ servers, tenants }: Scenario, server: number): ServedModel[] {
  const targets = tenants.flatMap((tenant) => tenant.targets).filter((target) => target.server === server);
  return servedWithCalled(
    servers[server]!,
    targets.map(({ model }) => model),
  );
}

function servedWithCalled({ models }: Server, asked: readonly number[]): ServedModel[] {
  return withCalled(models, asked).map((index) => models[index]!);
}

/** Whether some model on the way of a tenant's requests may answer from a cache. */
export function mayHitCache(scenario: Scenario, tenant: Tenant): boolean {
  return askedModels(scenario, tenant).some(({ config }) => config.responseCache === true);
}

export function takesSequences(scenario: Scenario, tenant: Tenant): boolean {
  return askedModels(scenario, tenant).some(({ config }) => config.sequences !== undefined);
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
  of: { readonly sequences?: boolean; readonly contents?: boolean },
): () => PreparedRequest {
  const { content } = request;
  const hasContent = of.contents === true && content !== undefined;
  if (of.sequences !== true && !hasContent) return () => request;
  return () =>
    client.mark(request, {
      ...(of.sequences === true && {
        sequence: { id: FIRST_OWN_SEQUENCE + ownSequences++, starts: true, ends: true },
      }),
      ...(hasContent && { content: Math.floor(Math.random() * content.room) }),
    });
}
