import { yamlText } from '../base/yaml-text.js';
import { withScheduling } from '../emit/with-scheduling.js';
import type { LiveModelConfig } from '../live/inference-client.js';
import type { ModelConfig } from '../scenario/model-config.js';
import { devicesNeeded } from '../scenario/starter/starter.js';
import type { ModelConfigFields } from '../scenario/triton/fields.js';
import { isOnHost } from './experiment.js';

/** A model with the load to write for it. */
export interface ServedLoad extends AsServed {
  readonly ratePerS: number;
}

/** A model as the server serves it: also what decides no times, such as its parameters. */
type AsServed = Pick<LiveModelConfig, 'config' | 'json'>;

/** Share of what a model was seen to complete that is asked of it: enough for batches, far from a backlog. */
const LOAD_SHARE = 0.4;
/** Where many models share a device, or the host's cores, they may be busy for this share of the time together. */
const SHARED_LOAD = 0.8;

/**
 * Loads that the server can bear all at once, and the load generator send. How much of a device each model takes is not known
 * here: as if each took all of one while it executes.
 * @param capacityOf inferences per second that a model completed
 * @param cores of the server's host, where they are known
 */
export function loadsToPlay(
  models: readonly AsServed[],
  capacityOf: (config: ModelConfig) => number | undefined,
  cores: number | undefined,
): ServedLoad[] {
  const onHost = models.filter(({ config }) => isOnHost(config));
  const onDevices = models.filter(({ config }) => !isOnHost(config));
  return models.map((model) => {
    const { config } = model;
    const [neighbours, places] = isOnHost(config)
      ? [onHost.length, cores ?? 1]
      : [onDevices.length, devicesNeeded(onDevices)];
    const share = Math.min(LOAD_SHARE, (SHARED_LOAD * places) / neighbours);
    const capacityPerS = capacityOf(config);
    return {
      ...model,
      ratePerS: capacityPerS === undefined ? 1 : shortRate(share * capacityPerS),
    };
  });
}

/** A rate as people write it: whole, and of slow models, which bear less than one request in a second, two digits of it. */
function shortRate(perS: number): number {
  return perS < 1 ? Number(perS.toPrecision(2)) : Math.round(perS);
}

/**
 * A scenario of the models just calibrated, as they are configured on the server, one tenant each, to lie
 * beside their profiles.
 */
export function liveScenario(
  models: readonly ServedLoad[],
  { gpu, memoryMb }: { readonly gpu?: string | undefined; readonly memoryMb?: number | undefined },
): string {
  const devices = models.every(({ config }) => isOnHost(config))
    ? 0
    : devicesNeeded(models.filter(({ config }) => !isOnHost(config)));
  const scenario = {
    perseus: 1,
    name: 'calibrated-server',
    durationS: 60,
    warmUpS: 2,
    profiles: ['.'],
    servers: [
      {
        name: 'triton',
        ...(devices > 0 && {
          devices: Array.from({ length: devices }, (_, i) => ({
            name: `gpu${i}`,
            kind: gpu ?? 'GPU',
            ...(memoryMb !== undefined && { memoryMb }),
          })),
        }),
        models: models.map(({ config, json }) => ({
          name: config.name,
          config: withScheduling(json as ModelConfigFields, config),
        })),
      },
    ],
    tenants: models.map(({ config, ratePerS }) => ({
      name: config.name,
      model: config.name,
      load: { process: { kind: 'poisson', ratePerS } },
    })),
  };
  return `# Written by perseus calibrate: the models of the server as they are configured. Set the loads, then run
#   perseus simulate on this file, or perseus validate with the address of the server.
${yamlText(scenario, 110)}`;
}
