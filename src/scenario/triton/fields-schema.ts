import * as z from 'zod';
import type { Descriptor, FieldTable, ValueOf } from './descriptor.js';
import { MODEL_CONFIG, type ModelConfigFields } from './fields.js';

/**
 * Schema of a model configuration written inline in YAML or JSON: the fields of `config.pbtxt`
 * under their own names, maps as objects.
 */
export const modelConfigFieldsSchema = schemaOf(MODEL_CONFIG) as z.ZodType<ModelConfigFields>;

function schemaOf<D extends Descriptor>(descriptor: D): z.ZodType<ValueOf<D>>;
function schemaOf(descriptor: Descriptor): z.ZodType {
  switch (descriptor.type) {
    case 'string':
      return z.string();
    case 'bool':
      return z.boolean();
    case 'integer':
      return z.int().min(Number(descriptor.min)).max(Number(descriptor.max));
    case 'float':
      return z.number();
    case 'enum':
      return z.enum(descriptor.names as [string, ...string[]]);
    case 'message':
      return z.strictObject(fieldSchemas(descriptor.fields));
    case 'repeated':
      return z.array(schemaOf(descriptor.of));
    case 'map':
      return mapSchema(descriptor.key, schemaOf(descriptor.of));
    case 'ignored':
      return schemaOf(descriptor.of);
  }
}

function fieldSchemas(fields: FieldTable): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, schemaOf(field).optional()]),
  );
}

function mapSchema(key: Descriptor, value: z.ZodType): z.ZodType {
  if (key.type !== 'integer') {
    return z.record(z.string(), value).transform((entries) => new Map(Object.entries(entries)));
  }
  return z
    .record(z.string().regex(/^\d{1,15}$/, 'is not a whole number; write one as the key'), value)
    .transform((entries) => new Map(Object.entries(entries).map(([name, entry]) => [Number(name), entry])));
}
