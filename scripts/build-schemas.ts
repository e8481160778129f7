import * as z from 'zod';
import { expectationsSchema } from '../src/check/expectations.js';
import { planSpecSchema } from '../src/plan/spec.js';
import { ModelProfileSchema } from '../src/profile/schema.js';
import { ServerProfileSchema } from '../src/profile/server-schema.js';
import { scenarioSpecSchema } from '../src/scenario/spec.js';
import { sweepSpecSchema } from '../src/sweep/spec.js';
import { isStarted, writeFiles } from './support/main.js';

/** A published JSON Schema: its file under the repository root and the zod schema it comes from. */
interface PublishedSchema {
  readonly file: string;
  readonly title: string;
  readonly schema: z.ZodType;
}

const PUBLISHED: readonly PublishedSchema[] = [
  { file: 'schemas/profile.schema.json', title: 'perseus model profile', schema: ModelProfileSchema },
  { file: 'schemas/server.schema.json', title: 'perseus server profile', schema: ServerProfileSchema },
  { file: 'schemas/scenario.schema.json', title: 'perseus scenario', schema: scenarioSpecSchema },
  { file: 'schemas/sweep.schema.json', title: 'perseus sweep', schema: sweepSpecSchema },
  { file: 'schemas/plan.schema.json', title: 'perseus plan', schema: planSpecSchema },
  {
    file: 'schemas/expectations.schema.json',
    title: 'perseus expectations',
    schema: expectationsSchema,
  },
];

/** The text of every published schema, by file. */
export function buildSchemas(): ReadonlyMap<string, string> {
  return new Map(PUBLISHED.map((published) => [published.file, schemaText(published)]));
}

function schemaText({ file, title, schema }: PublishedSchema): string {
  const json = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: 'input',
    // A file is written by people: `readOnly` only speaks of the type in the program.
    override: ({ jsonSchema }) => {
      delete jsonSchema.readOnly;
      if (jsonSchema.pattern !== undefined) jsonSchema.pattern = portable(jsonSchema.pattern);
    },
  });
  const { $schema, ...rest } = json;
  return `${JSON.stringify({ $schema, $id: file, title, ...rest }, null, 2)}\n`;
}

/** The pattern without classes that only JavaScript knows, and that only under its flag u. */
function portable(pattern: string): string {
  return pattern
    .replaceAll('\\p{Cc}', '\\u0000-\\u001f\\u007f-\\u009f')
    .replaceAll('\\p{Cs}', '\\ud800-\\udfff');
}

if (isStarted(import.meta.url)) writeFiles(buildSchemas());
