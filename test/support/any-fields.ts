import fc from 'fast-check';
import type { Descriptor } from '../../src/scenario/triton/descriptor.js';

/** Any value that a field of that type may have. */
export function anyValue(descriptor: Descriptor): fc.Arbitrary<unknown> {
  switch (descriptor.type) {
    case 'string':
      return fc.string({ unit: 'grapheme', maxLength: 12 });
    case 'bool':
      return fc.boolean();
    case 'integer': {
      const min = Math.max(Number(descriptor.min), Number.MIN_SAFE_INTEGER);
      const max = Math.min(Number(descriptor.max), Number.MAX_SAFE_INTEGER);
      return fc.oneof(
        fc.integer({ min: Math.max(min, -9), max: 99 }),
        fc.maxSafeInteger().map((n) => clamp(n, min, max)),
      );
    }
    case 'float':
      // What a float of 32 bits holds as well, in as many digits.
      return fc.integer({ min: -8000, max: 8000 }).map((eighths) => eighths / 8);
    case 'enum':
      return fc.constantFrom(...descriptor.names);
    case 'ignored':
      return anyValue(descriptor.of);
    case 'repeated':
      return fc.array(anyValue(descriptor.of), { minLength: 1, maxLength: 3 });
    case 'map':
      return fc
        .uniqueArray(fc.tuple(anyValue(descriptor.key), anyValue(descriptor.of)), {
          maxLength: 3,
          minLength: 1,
          selector: ([key]) => key,
        })
        .map((entries) => new Map(entries));
    case 'message':
      return fc.record(
        Object.fromEntries(Object.entries(descriptor.fields).map(([name, field]) => [name, anyValue(field)])),
        { requiredKeys: [] },
      );
  }
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
