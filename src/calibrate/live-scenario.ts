import { yamlText } from '../base/yaml-text.js';
import type { ModelConfig } from '../scenario/model-config.js';
import { devicesNeeded } from '../scenario/starter.js';
import { writeModelConfigFields } from '../scenario/triton/write-fields.js';
import { isOnHost } from './experiment.js';

/** A model with the load to write for it. */
export interface ServedLoad {
  readonly config: ModelConfig;
  readonly ratePerS: number;
}

/**
 * A scenario of the models just calibrated, as they are configured on the server, one tenant each, to lie
 * beside their profiles.
 */
export function liveScenario(
  models: readonly ServedLoad[],
  { gpu }: { readonly gpu?: string | undefined },
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
          devices: Array.from({ length: devices }, (_, i) => ({ name: `gpu${i}`, kind: gpu ?? 'GPU' })),
        }),
        models: models.map(({ config }) => ({ name: config.name, config: writeModelConfigFields(config) })),
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
