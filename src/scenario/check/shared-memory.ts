import type { Path } from '../../base/path.js';
import { remembered } from '../../base/remembered.js';
import type { ModelProfile } from '../../profile/profile.js';
import { withoutCopies } from '../../profile/without-copies.js';
import type { Change } from '../changes.js';
import { calledModels, usesCache } from '../composition.js';
import type { ModelInstance, Scenario, ServedModel, Server, Tenant } from '../scenario.js';
import type { TenantSpec } from '../spec/tenant-spec.js';
import type { Findings } from './findings.js';

/** Where a tenant's requests may go, and where the file says that it uses shared memory. */
export interface LocatedTenant {
  readonly spec: TenantSpec;
  readonly targets: Tenant['targets'];
  readonly path: Path;
}

/** Shared memory needs the server's host, CUDA's its GPU, and all requests that may share a batch. */
export function checkSharedMemory(
  tenants: readonly LocatedTenant[],
  servers: readonly Server[],
  findings: Findings,
): void {
  for (const tenant of tenants) {
    const { spec, targets, path } = tenant;
    if (spec.sharedMemory === 'none') continue;
    if (targets.length > 1) {
      const what = `${targets.length} servers serve "${spec.model}", and a client shares memory with one host only`;
      findings.problem(path, what, 'name one server under servers, or remove sharedMemory');
    }
    if (spec.sharedMemory === 'cuda') checkCuda(tenant, { tenants, servers, findings });
  }
}

interface CudaSurroundings {
  readonly tenants: readonly LocatedTenant[];
  readonly servers: readonly Server[];
  readonly findings: Findings;
}

function checkCuda(
  { spec: { model }, targets, path }: LocatedTenant,
  { tenants, servers, findings }: CudaSurroundings,
): void {
  for (const { server, model: index } of targets) {
    const { name, models } = servers[server]!;
    if (usesCache(servers[server]!, models[index]!)) {
      const what = 'Triton keeps no answers to requests in CUDA shared memory: all are executed';
      findings.warn('assumed-parameter', `${name}/${model}`, what);
    }
    if (!models[index]!.instances.some(({ device }) => device >= 0)) {
      findings.problem(path, `no instance of "${model}" on "${name}" runs on a GPU`, 'write system');
    }
    const caller = models.find((each) => calledModels(each).includes(index));
    if (caller !== undefined) {
      const what = `"${caller.config.name}" calls "${model}" on "${name}" with tensors of its own; what copies take of a batch with requests of both kinds is not known`;
      findings.problem(path, what, 'write system');
    }
    const other = tenants.find(
      (each) => each.spec.sharedMemory !== 'cuda' && isServedBy(each, server, index),
    );
    if (other === undefined) continue;
    const what = `"${other.spec.name}" sends to "${model}" on "${name}" without CUDA shared memory; what copies take of a batch with requests of both kinds is not known`;
    findings.problem(path, what, 'write cuda for both, or serve them apart');
  }
}

function isServedBy({ targets }: Pick<Tenant, 'targets'>, server: number, model: number): boolean {
  return targets.some((target) => target.server === server && target.model === model);
}

/**
 * Models that get all of their requests through CUDA shared memory copy nothing between the host and their GPU. A response cache
 * makes keys of inputs in the host's memory alone (core cache_manager.cc, `HashInputBuffers`, r24.10).
 */
export function withCudaMemory(scenario: Scenario): Scenario {
  const { servers, tenants, changes } = scenario;
  const isCuda = (server: number, model: number) =>
    tenants.some((tenant) => tenant.sharedMemory === 'cuda' && isServedBy(tenant, server, model));
  if (!tenants.some(({ sharedMemory }) => sharedMemory === 'cuda')) return scenario;
  // Instances that share a profile go on sharing one.
  const changed = new Map<ModelProfile, ModelProfile>();
  const uncopied = (instance: ModelInstance): ModelInstance => {
    const { device, profile } = instance;
    if (device < 0) return instance;
    return { ...instance, profile: remembered(changed, profile, () => withoutCopies(profile)) };
  };
  const ofModel = ({ config, ...model }: ServedModel) => ({
    ...model,
    config: { ...config, responseCache: false },
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
