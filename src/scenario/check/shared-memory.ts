import type { Path } from '../../base/path.js';
import type { ModelProfile } from '../../profile/profile.js';
import { withoutCopies } from '../../profile/without-copies.js';
import type { Change } from '../changes.js';
import { calledModels } from '../composition.js';
import type { ModelInstance, Scenario, ServedModel, Server, Tenant } from '../scenario.js';
import type { Findings } from './findings.js';

/** A tenant, and where the file says that it uses shared memory. */
export interface LocatedTenant {
  readonly tenant: Tenant;
  readonly path: Path;
}

/** Shared memory needs the server's host, CUDA's its GPU, and all requests that may share a batch. */
export function checkSharedMemory(
  tenants: readonly LocatedTenant[],
  servers: readonly Server[],
  findings: Findings,
): void {
  for (const { tenant, path } of tenants) {
    const { sharedMemory, targets } = tenant;
    if (sharedMemory === undefined) continue;
    if (targets.length > 1) {
      const what = `${targets.length} servers serve "${tenant.model}", and a client shares memory with one host only`;
      findings.problem(path, what, 'name one server under servers, or remove sharedMemory');
    }
    if (sharedMemory === 'cuda') checkCuda(tenant, path, { tenants, servers, findings });
  }
}

interface CudaSurroundings {
  readonly tenants: readonly LocatedTenant[];
  readonly servers: readonly Server[];
  readonly findings: Findings;
}

function checkCuda(
  { model, targets }: Tenant,
  path: Path,
  { tenants, servers, findings }: CudaSurroundings,
): void {
  for (const { server, model: index } of targets) {
    const { name, models } = servers[server]!;
    if (!models[index]!.instances.some(({ device }) => device >= 0)) {
      findings.problem(path, `no instance of "${model}" on "${name}" runs on a GPU`, 'write system');
    }
    const caller = models.find((each) => calledModels(each).includes(index));
    if (caller !== undefined) {
      const what = `"${caller.config.name}" calls "${model}" on "${name}" with tensors of its own; what copies take of a batch with requests of both kinds is not known`;
      findings.problem(path, what, 'write system');
    }
    const other = tenants.find(
      ({ tenant }) => tenant.sharedMemory !== 'cuda' && isServedBy(tenant, server, index),
    );
    if (other === undefined) continue;
    const what = `"${other.tenant.name}" sends to "${model}" on "${name}" without CUDA shared memory; what copies take of a batch with requests of both kinds is not known`;
    findings.problem(path, what, 'write cuda for both, or serve them apart');
  }
}

function isServedBy({ targets }: Tenant, server: number, model: number): boolean {
  return targets.some((target) => target.server === server && target.model === model);
}

/** Models that get all of their requests through CUDA shared memory copy nothing between the host and their GPU. */
export function withoutCudaCopies(scenario: Scenario): Scenario {
  const { servers, tenants, changes } = scenario;
  const isCuda = (server: number, model: number) =>
    tenants.some((tenant) => tenant.sharedMemory === 'cuda' && isServedBy(tenant, server, model));
  if (!tenants.some(({ sharedMemory }) => sharedMemory === 'cuda')) return scenario;
  // Instances that share a profile go on sharing one.
  const changed = new Map<ModelProfile, ModelProfile>();
  const uncopied = (instance: ModelInstance): ModelInstance => {
    const { device, profile } = instance;
    if (device < 0) return instance;
    if (!changed.has(profile)) changed.set(profile, withoutCopies(profile));
    return { device, profile: changed.get(profile)! };
  };
  const ofModel = (model: ServedModel): ServedModel => ({
    ...model,
    instances: model.instances.map(uncopied),
  });
  const ofChange = (change: Change): Change =>
    change.do === 'addInstances' && isCuda(change.server, change.model)
      ? { ...change, instances: change.instances.map(uncopied) }
      : change;
  return {
    ...scenario,
    servers: servers.map((server, s) => ({
      ...server,
      models: server.models.map((model, m) => (isCuda(s, m) ? ofModel(model) : model)),
    })),
    ...(changes !== undefined && { changes: changes.map(ofChange) }),
  };
}
