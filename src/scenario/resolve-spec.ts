import { given } from '../base/given.js';
import type { ModelConfig } from './model-config.js';
import type { Scenario } from './scenario.js';
import type { ServedModelSpec } from './spec/server-spec.js';
import type { ScenarioSpec } from './spec.js';
import { writeModelConfigFields } from './triton/write-fields.js';

export interface ResolveOptions {
  /** Paths to write for `profiles`. Default: as they were. */
  readonly profiles?: readonly string[];
  /** Path to write for a trace file. Default: as it was. */
  readonly traceFile?: (file: string) => string;
  /** Path to write for a server profile. Default: as it was. */
  readonly serverProfile?: (file: string) => string;
  /** Fields to write for a model's configuration, beside how it was written. Default: those that decide scheduling. */
  readonly configFields?: (config: ModelConfig, written: ServedModelSpec['config']) => object;
}

/**
 * The spec of a checked scenario with nothing left to look up but profiles and traces: defaults
 * filled in, model configurations inline, machines priced. Plain data for YAML or JSON; read and
 * checked again it gives the same scenario.
 */
export function resolveSpec(
  spec: ScenarioSpec,
  scenario: Scenario,
  options: ResolveOptions = {},
): Record<string, unknown> {
  const { profiles = spec.profiles, traceFile = unchanged } = options;
  return {
    perseus: spec.perseus,
    name: spec.name,
    seed: spec.seed,
    durationS: scenario.durationUs / 1e6,
    warmUpS: spec.warmUpS,
    profiles: [...profiles],
    servers: resolveServerSpecs(spec, scenario, options),
    tenants: spec.tenants.map((tenant) => ({
      ...tenant,
      load:
        tenant.load.trace === undefined
          ? tenant.load
          : { ...tenant.load, trace: { ...tenant.load.trace, file: traceFile(tenant.load.trace.file) } },
    })),
    ...given({ changes: spec.changes, measured: spec.measured }),
  };
}

function unchanged(file: string): string {
  return file;
}

function resolveServerSpecs(
  spec: ScenarioSpec,
  scenario: Scenario,
  { serverProfile: pathOf = unchanged, configFields = writeModelConfigFields }: ResolveOptions,
): Record<string, unknown>[] {
  let next = 0;
  return spec.servers.map((serverSpec) => {
    const server = scenario.servers[next]!;
    next += serverSpec.replicas;
    return {
      ...serverSpec,
      ...(serverSpec.serverProfile !== undefined && { serverProfile: pathOf(serverSpec.serverProfile) }),
      machine: { ...server.machine },
      triton: { ...serverSpec.triton, frontEndThreads: server.options.frontEndThreads },
      models: serverSpec.models.map((model, i) => ({
        ...model,
        config: configFields(server.models[i]!.config, model.config),
      })),
    };
  });
}
