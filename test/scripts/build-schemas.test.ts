import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildSchemas } from '../../scripts/build-schemas.js';

describe('a published JSON Schema', () => {
  it.each([...buildSchemas()])(
    'is what the code says (else run scripts/build-schemas.ts): %s',
    (file, text) => {
      expect(readFileSync(file, 'utf8')).toBe(text);
    },
  );
});
