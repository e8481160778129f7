import type { ModelProfile } from '../../src/profile/profile.js';
import { withGeneratorDelay } from '../../src/scenario/generator-delay.js';
import type { ModelConfig } from '../../src/scenario/model-config.js';
import type { Load, Scenario } from '../../src/scenario/scenario.js';
import { atTimeErrors } from '../../src/scenario/time-errors.js';
import type { ModelConfigFields } from '../../src/scenario/triton/fields.js';
import { simulate } from '../../src/simulator/simulate.js';
import type { RequestLog } from '../../src/trace/request-log.js';
import { checkedScenario } from '../support/checked-scenario.js';
import { plainTenant } from '../support/made-scenario.js';

/** A server whose every figure is known: what calibration should find again. */
export interface KnownServer {
  readonly name: string;
  /** What it was built to show, in a few words. */
  readonly shows: string;
  readonly models: readonly KnownModel[];
  /** As a scenario writes them; none: all models run on the host. */
  readonly devices?: readonly object[];
  /** Whether the load generator runs on the server's host: then its cores are counted. */
  readonly isLocal?: boolean;
  /** Whether calibration may load models with more instances. */
  readonly load?: boolean;
  /** Quick enough for the fast test. */
  readonly isQuick?: boolean;
}

export interface KnownModel {
  readonly config: ModelConfigFields & { readonly name: string };
  readonly profile: ModelProfile;
}

/** Kind under which profiles of known GPUs are filed. */
export const GPU = 'Tesla T4';

/** One load of a model. */
export interface PlayedLoad {
  readonly model: string;
  readonly batchSize: number;
  readonly load: Load;
}

export function configsOf(known: KnownServer): ModelConfig[] {
  return checkedServers(known, trueProfiles(known))[0]!.models.map(({ config }) => config);
}

export function trueProfiles({ models }: KnownServer): ModelProfile[] {
  return models.map(({ profile }) => profile);
}

interface PlayedRun {
  readonly durationS: number;
  readonly seed: string;
  /** Those of the server itself where nothing is said. */
  readonly profiles?: readonly ModelProfile[];
  /** As fast, or as slow, as is possible by what is not known of the profiles. */
  readonly end?: 'fast' | 'slow';
}

/** What happens to these loads, sent by perseus' own generator, on the server with these profiles. */
export function played(known: KnownServer, loads: readonly PlayedLoad[], run: PlayedRun): RequestLog {
  const servers = checkedServers(known, run.profiles ?? trueProfiles(known));
  const { models } = servers[0]!;
  const tenants = loads.map(({ model: name, batchSize, load }) => {
    const model = models.findIndex(({ config }) => config.name === name);
    const { payload } = models[model]!.instances[0]!.profile;
    return plainTenant({ name, model: name, load, batchSize, ...payload, targets: [{ server: 0, model }] });
  });
  const scenario: Scenario = {
    ...{ name: known.name, seed: run.seed, warmUpUs: 0, servers, tenants },
    durationUs: run.durationS * 1e6,
  };
  const at = run.end === undefined ? scenario : atTimeErrors(scenario, run.end);
  return simulate(withGeneratorDelay(at)).log;
}

function checkedServers(known: KnownServer, profiles: readonly ModelProfile[]): Scenario['servers'] {
  const { devices = [], models } = known;
  const [first] = models;
  const server = {
    ...{ name: 'triton', devices, triton: { protocol: first!.profile.provenance.protocol } },
    models: models.map(({ config }) => ({ name: config.name, config })),
  };
  const load = { process: { kind: 'poisson', ratePerS: 1 } };
  const tenants = [{ name: 'any', model: first!.config.name, load }];
  return checkedScenario({ name: known.name, durationS: 1, servers: [server], tenants }, profiles).servers;
}
