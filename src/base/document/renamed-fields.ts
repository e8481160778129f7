import * as z from 'zod';

/**
 * By the schema of an object: the fields that earlier versions wrote under another name, with their names of today. A schema
 * joins at the end of its definition: `.register(renamedFields, { oldName: 'newName' })`.
 */
export const renamedFields = z.registry<Readonly<Record<string, string>>>();

/** What a key of an object is called today; undefined where it never was a field of it. */
export function newNameOf(schema: unknown, key: string): string | undefined {
  const newNames = schema instanceof z.ZodObject ? renamedFields.get(schema) : undefined;
  return newNames !== undefined && Object.hasOwn(newNames, key) ? newNames[key] : undefined;
}
