import * as z from 'zod';
import { asEver, type EffectStudy, effect, type FieldsIn, unscaled } from './effect.js';
import type { InterferenceFields } from './interference/effect.js';
import type { ServerSide } from './server-side.js';
import { sharedCoresOf } from './shared-cores.js';

const cores = z.number().min(0).max(1024);

/** Executions take cores of the host, which may be short. */
export const hostCores = effect({
  name: 'host-cores',
  schema: {
    hostCores: z
      .strictObject({
        input: cores.describe('While inputs are gathered'),
        infer: cores.describe('While the model runs'),
        output: cores.describe('While outputs are copied'),
        response: cores.describe('While responses are sent'),
      })
      .describe('Host cores kept busy during each phase'),
  },
  couples: ({ cpuCores }) => (Number.isFinite(cpuCores) ? 'time' : undefined),
});

export type HostCoresFields = FieldsIn<(typeof hostCores)['schema']>;

export const hostCoresStudy = {
  describe: ({ hostCores: used }) => [
    ['host cores during input', used.input],
    ['host cores during infer', used.infer],
    ['host cores during output', used.output],
    ['host cores during response', used.response],
  ],
  // It holds as many of them, only for longer.
  scale: unscaled,
  none: () => ({ hostCores: { input: 0, infer: 0, output: 0, response: 0 } }),
  least: asEver,
  cause: {
    code: 'host-cpu',
    text: 'executions take host cores; if they took none',
    shownBy: ['unlimited-host', 'unlimited-host-and-instances'],
  },
  resolved: { none: offSharedCores, least: asEver },
} as const satisfies EffectStudy<HostCoresFields>;

/** Executions of which nobody measured what others cost them meet on the cores of a host only because they take some. */
function offSharedCores<Side extends ServerSide>(server: Side): Side {
  const isOnCores = (device: number) => device >= 0 && sharedCoresOf(server.devices[device]!) !== undefined;
  const { models } = server as ServerSide<InterferenceFields>;
  const apart = models.map(({ instances, ...model }) => ({
    ...model,
    instances: instances.map((instance) => {
      const { device, profile } = instance;
      const { self, pairs } = profile.interference;
      const isFree = isOnCores(device) && self === undefined && pairs.length === 0;
      return { ...instance, device: isFree ? -1 : device };
    }),
  }));
  return { ...server, models: apart };
}
