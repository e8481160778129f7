import * as z from 'zod';
import { renamedFields } from '../base/document/renamed-fields.js';
import { checkRates } from './schema-checks.js';
import { retired, us } from './schema-values.js';

const requestDelayUs = us.describe('One way, client to server');
const responseDelayUs = us.describe('One way, server to client');
const requestsPerS = z.number().positive().describe('To the server');

/** How the server around the model behaved. */
export const serving = z
  .strictObject({
    batcherWakeUs: us.describe('From a signal until the batcher thread runs'),
    instanceWakeUs: us.describe('From a batch being there until an idle instance has it'),
    instancePickUpUs: us.describe('From the end of an execution until its instance takes the next batch'),
    batcherSignalUs: us
      .exactOptional()
      .describe("What of response.fixedUs an instance takes to wake its model's batcher"),
    timerSlackUs: us.describe('How late the batcher comes back from holding a batch'),
    batcherWinsShare: z
      .number()
      .min(0)
      .max(1)
      .describe('Share of executions at whose end the batcher runs before the instance takes its next batch'),
    requestDelayUs,
    responseDelayUs,
    networkDelayByRate: z
      .array(z.strictObject({ requestsPerS, requestDelayUs, responseDelayUs }))
      .min(2)
      .max(100)
      .readonly()
      .superRefine(checkRates)
      .exactOptional()
      .describe('The network delays by requests per second to the server, ascending'),
    phasesByRate: z
      .array(
        z.strictObject({
          requestsPerS,
          executionsPerS: z
            .number()
            .positive()
            .exactOptional()
            .describe('Fewer where requests were batched. Default: as many'),
          inputUs: us.describe('Longer gathering of inputs'),
          inferUs: us.describe('Longer inference'),
          outputUs: us.describe('Longer copying of outputs'),
        }),
      )
      .min(2)
      .max(100)
      .readonly()
      .superRefine(checkRates)
      .exactOptional()
      .describe('What an execution takes longer by requests per second to the server, ascending'),
    closedLoopNetworkDelay: z
      .strictObject({ requestDelayUs, responseDelayUs })
      .exactOptional()
      .describe('The network delays of closed-loop clients that send as soon as they have their answer'),
    generatorUs: us.describe("What perseus' own load generator adds to both ways together"),
    clientUs: us.exactOptional().describe('What a usual client adds instead'),
    clientWakeUs: us
      .exactOptional()
      .describe('What each further response of an execution takes longer to send to a usual client'),
    cpuCores: z
      .number()
      .min(0.1)
      .max(100_000)
      .exactOptional()
      .describe("Cores of the server's host, where they were known"),
    requestCpuUs: us
      .exactOptional()
      .describe('Core time of the host that a request takes besides its execution'),
    executionCpuUs: us
      .exactOptional()
      .describe('Core time of the host that an execution takes besides what it computes'),
    clientCpuUs: us.exactOptional().describe('The same of the client that sends it, on the same host'),
    threadWaits: z
      .strictObject({
        share: z.number().min(0).max(1).describe('Share of them'),
        longestUs: us.describe('How long at most'),
      })
      .exactOptional()
      .describe('Share of the threads that wait for a core which an execution holds, and how long at most'),
    ...retired('wakeBurstUs', 'lateBindingWinsShare', 'lateBindingWinsByRate', 'lateIdle'),
  })
  .describe('Delays of the server around the model; a scenario takes them where it does not say otherwise')
  .register(renamedFields, { wayByRate: 'networkDelayByRate', wayOfCallers: 'closedLoopNetworkDelay' });
