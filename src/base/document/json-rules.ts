/**
 * Rules over several fields of an object as JSON Schema says them, for `.meta()` of a schema: a refinement is a function, of
 * which an editor hears nothing. What the refinement itself says is told by the program.
 */

/** Exactly one of the fields is written. */
export function exactlyOne(...fields: readonly string[]) {
  return { oneOf: fields.map((field) => ({ required: [field] })) };
}

/** Not both are written. */
export function notBoth(a: string, b: string) {
  return { not: { required: [a, b] } };
}

/** Each of the fields has a meaning only beside `other`. */
export function onlyBeside(other: string, ...fields: readonly string[]) {
  return { dependentRequired: Object.fromEntries(fields.map((field) => [field, [other]])) };
}
