import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { yamlText } from '../../src/base/yaml-text.js';

const AMBIGUOUS = [
  'off',
  'No',
  'y',
  '12:30',
  '0o17',
  '017',
  '1_000',
  '.5',
  '1e3',
  '2024-01-02',
  '~',
  '<<',
  '',
];

describe('YAML that perseus writes', () => {
  it.each(['1.1', '1.2'] as const)('is read back as it was by readers of YAML %s', (version) => {
    const text = fc.oneof(fc.constantFrom(...AMBIGUOUS), fc.string());
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-zA-Z]{1,8}$/), fc.array(text)), (value) => {
        expect(parse(yamlText(value), { version })).toEqual({ ...value });
      }),
    );
  });

  it('quotes the off of a rate limit, which older readers take for false', () => {
    expect(yamlText({ rateLimit: 'off' })).toBe('rateLimit: "off"\n');
  });
});
