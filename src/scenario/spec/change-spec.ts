import * as z from 'zod';
import { count, milliseconds, name, seconds } from './values.js';

const at = { atS: seconds.describe('When, in seconds from the beginning of the run.') };
const server = name.describe('Name of the server, with its number where it is one of several replicas.');
const model = name.describe('Model that the server serves.');
const device = name.describe('Device of the server.');

const loadMs = milliseconds
  .exactOptional()
  .describe('From then until it is ready. Default: what the profile says.');

/** Something that comes or goes in the middle of a run. */
export const changeSchema = z.discriminatedUnion(
  'do',
  [
    z.strictObject({
      ...at,
      do: z.literal('addInstances'),
      server,
      model,
      count: count(4096).default(1).describe('How many.'),
      device: device.exactOptional().describe('Where they run. Default: where its first instance does.'),
    }),
    z.strictObject({
      ...at,
      do: z.literal('removeInstances'),
      server,
      model,
      count: count(4096).default(1).describe('How many, the youngest first.'),
      device: device.exactOptional().describe('Only those that run there. Default: wherever they run.'),
    }),
    z.strictObject({
      ...at,
      do: z.literal('killInstances'),
      server,
      model,
      count: count(4096).default(1).describe('How many processes of the python backend die, oldest first.'),
    }),
    z.strictObject({ ...at, do: z.literal('addServer'), server }),
    z.strictObject({
      ...at,
      do: z.literal('removeServer'),
      server,
      requestsOnTheWay: z
        .enum(['serve', 'refuse'])
        .default('serve')
        .describe('What becomes of requests that were sent to it before and reach it after.'),
    }),
    z.strictObject({ ...at, do: z.literal('addDevice'), server, device }),
    z.strictObject({ ...at, do: z.literal('removeDevice'), server, device }),
    z.strictObject({ ...at, do: z.literal('loadModel'), server, model, loadMs }),
    z.strictObject({ ...at, do: z.literal('unloadModel'), server, model }),
    z.strictObject({ ...at, do: z.literal('reloadModel'), server, model, loadMs }),
  ],
  {
    error: ({ code }) =>
      code === 'invalid_union'
        ? 'is no change; write addInstances, removeInstances, killInstances, addServer, removeServer, addDevice, removeDevice, loadModel, unloadModel or reloadModel'
        : undefined,
  },
);

export type ChangeSpec = z.output<typeof changeSchema>;
