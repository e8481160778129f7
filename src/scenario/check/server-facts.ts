import type { Path } from '../../base/path.js';
import { ASSUMED_FACTS, factsOf, measuredFacts, sameFacts } from '../../profile/server-facts.js';
import type { ServerFacts } from '../../profile/serving.js';
import { entryProfile } from '../composition.js';
import type { ScenarioResources } from '../resources.js';
import type { ServedModel, Server, ServerOptions } from '../scenario.js';
import type { ServerSpec } from '../spec/server-spec.js';
import { profilesIn } from '../with-profiles.js';
import type { Findings } from './findings.js';
import type { ProfileRegistry } from './profile-registry.js';
import type { LocatedTenant } from './shared-memory.js';

/**
 * What holds for every model of a server: what the file says that the scenario names, else what was measured with the profiles
 * in use, which must be of one server; undefined where nobody says anything of the server.
 */
export function findFacts(
  { serverProfile, name }: ServerSpec,
  path: Path,
  models: readonly ServedModel[],
  { serverProfiles, registry }: Pick<ScenarioResources, 'serverProfiles'> & { registry: ProfileRegistry },
  findings: Findings,
): ServerFacts | undefined {
  if (serverProfile !== undefined) {
    const named = findings.take(serverProfiles?.get(serverProfile), [...path, 'serverProfile']);
    return named && factsOf(named.server);
  }
  const profiles = [...profilesIn({ models })];
  const measured = profiles.filter((profile) => measuredFacts(profile) !== undefined);
  const [first] = measured;
  if (first === undefined) {
    return profiles.some(({ serving }) => serving !== undefined) ? ASSUMED_FACTS : undefined;
  }
  const facts = measuredFacts(first)!;
  const other = measured.find((profile) => !sameFacts(measuredFacts(profile)!, facts));
  if (other !== undefined) {
    findings.problem(
      [...path, 'models'],
      `the profiles of "${name}" were measured on two servers that differ: ${registry.serverFileOf(first)} and ${registry.serverFileOf(other)}`,
      'name one of them as its serverProfile',
    );
  }
  return facts;
}

/** Network delay and front end of a profile are those of the transport that it was measured over. */
export function warnOfTransport(
  tenants: readonly LocatedTenant[],
  servers: readonly Server[],
  findings: Findings,
): void {
  const told = new Set<string>();
  for (const { spec, targets } of tenants) {
    for (const { server, model } of targets) {
      const { name, models, options } = servers[server]!;
      const { protocol, sharedMemory = 'none' } = entryProfile(models, model)?.provenance ?? {};
      // Nobody measures with CUDA shared memory.
      if (protocol === undefined || spec.sharedMemory === 'cuda') continue;
      const measured = transportOf(protocol, sharedMemory);
      const used = transportOf(options.protocol, spec.sharedMemory);
      const subject = `${name}/${spec.model}`;
      if (measured === used || told.has(subject + used)) continue;
      told.add(subject + used);
      const what = `its profile was measured ${measured}, and "${spec.name}" sends ${used}: delays of network and front end may differ`;
      findings.warn('other-transport', subject, what);
    }
  }
}

function transportOf(protocol: ServerOptions['protocol'], sharedMemory: 'none' | 'system'): string {
  const over = protocol === 'http' ? 'over HTTP/REST' : 'over gRPC';
  return sharedMemory === 'none' ? over : `${over} with tensors in shared memory`;
}
