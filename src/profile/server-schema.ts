import * as z from 'zod';
import { renamedFields } from '../base/document/renamed-fields.js';
import { formerNamesOf, SERVED_EFFECTS, SERVER_PROFILE_EFFECTS, schemaOf } from '../effects/registry.js';
import { date, ModelProfileSchema, text } from './schema.js';

const cpuCores = z
  .number()
  .min(0.1)
  .max(100_000)
  .exactOptional()
  .describe("Cores of the server's host, where they were known");

const serverFacts = { ...schemaOf(SERVER_PROFILE_EFFECTS), cpuCores };

/** What a server profile file must hold. */
export const ServerProfileSchema = z
  .strictObject({
    format: z.literal('perseus-server/1').describe('Version of this format'),
    provenance: z
      .strictObject({
        source: text.min(1).describe('Who measured it, and on which host'),
        date: date.describe('ISO date of measurement, or `unknown`'),
        serverVersion: text.describe('Version of Triton, or `unknown`'),
        notes: text.describe('What a reader must know about how the figures were obtained'),
      })
      .exactOptional()
      .describe('Where the figures come from'),
    ...serverFacts,
  })
  .describe('What holds for every model of one server: its threads, its host, how its clients wake')
  .register(renamedFields, formerNamesOf(SERVER_PROFILE_EFFECTS));

/** A profile as programs pass it on to each other: put together with its server's. */
export const WholeProfileSchema = ModelProfileSchema.extend({
  serving: z.strictObject({ ...serverFacts, ...schemaOf(SERVED_EFFECTS) }).exactOptional(),
});
