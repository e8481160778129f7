import * as z from 'zod';
import { asEver, effect, neverShorter, unscaled } from './effect.js';

export interface HostCoresFields {
  /** Host cores kept busy during each phase while it runs at full speed. 0 = none. */
  readonly hostCores: {
    readonly input: number;
    readonly infer: number;
    readonly output: number;
    readonly response: number;
  };
}

const cores = z.number().min(0).max(1024);

/** Executions take cores of the host, which may be short. */
export const hostCores = effect<HostCoresFields>()({
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
  variation: neverShorter,
  couples: ({ cpuCores }) => (Number.isFinite(cpuCores) ? 'time' : undefined),
  cause: {
    code: 'host-cpu',
    text: 'executions take host cores; if they took none',
    shownBy: ['unlimited-host', 'unlimited-host-and-instances'],
  },
});
