import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitsTogether, type MigSlice, migLayout } from '../../src/scenario/mig.js';
import { cases } from '../support/cases.js';

const layout = migLayout('A100-80GB')!;

function slices(names: string, kind = 'A100-80GB'): MigSlice[] {
  const known = migLayout(kind)!.slices;
  return names.split(' ').map((name) => known.find((slice) => slice.name === name)!);
}

describe('slices of a multi-instance GPU', () => {
  // The largest combinations and the smallest that do not fit, from NVIDIA's MIG User Guide.
  const combinations: readonly (readonly [string, string, boolean])[] = [
    ['A100-80GB', '7g.80gb', true],
    ['A100-80GB', '4g.40gb 3g.40gb', true],
    ['A100-80GB', '4g.40gb 2g.20gb 1g.10gb', true],
    ['A100-80GB', '1g.10gb 2g.20gb 4g.40gb', true],
    ['A100-80GB', '4g.40gb 1g.10gb 1g.10gb 1g.10gb', true],
    ['A100-80GB', '3g.40gb 3g.40gb', true],
    ['A100-80GB', '3g.40gb 2g.20gb 2g.20gb', true],
    ['A100-80GB', '2g.20gb 2g.20gb 2g.20gb 1g.10gb', true],
    ['A100-80GB', '1g.10gb 1g.10gb 1g.10gb 1g.10gb 1g.10gb 1g.10gb 1g.10gb', true],
    ['A100-80GB', '1g.20gb 1g.20gb 1g.20gb 1g.20gb', true],
    ['A100-80GB', '4g.40gb 4g.40gb', false],
    ['A100-80GB', '7g.80gb 1g.10gb', false],
    ['A100-80GB', '3g.40gb 3g.40gb 1g.10gb', false],
    ['A100-80GB', '2g.20gb 2g.20gb 2g.20gb 2g.20gb', false],
    ['A100-80GB', '1g.10gb 1g.10gb 1g.10gb 1g.10gb 1g.10gb 1g.10gb 1g.10gb 1g.10gb', false],
    ['A100-40GB', '3g.20gb 4g.20gb', true],
    ['A30', '2g.12gb 1g.6gb 1g.6gb', true],
    ['A30', '2g.12gb 2g.12gb 1g.6gb', false],
  ];

  it.each(combinations)('of a %s: %s fit: %s', (kind, names, expected) => {
    expect(fitsTogether(slices(names, kind), migLayout(kind)!)).toBe(expected);
  });

  it('fit or not whatever their order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...layout.slices), { maxLength: 8 }),
        fc.infiniteStream(fc.nat(7)),
        (list, order) => {
          const shuffled = list.map((slice) => ({ slice, key: order.next().value }));
          shuffled.sort((a, b) => Number(a.key) - Number(b.key));
          expect(fitsTogether(list, layout)).toBe(
            fitsTogether(
              shuffled.map(({ slice }) => slice),
              layout,
            ),
          );
        },
      ),
      { numRuns: cases(200) },
    );
  });

  it('that fit still do when one is taken away, and never need more than there is', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...layout.slices), { minLength: 1, maxLength: 7 }), (list) => {
        if (!fitsTogether(list, layout)) return;
        expect(fitsTogether(list.slice(1), layout)).toBe(true);
        expect(list.reduce((sum, { memorySlices }) => sum + memorySlices, 0)).toBeLessThanOrEqual(8);
        expect(list.reduce((sum, { computeSlices }) => sum + computeSlices, 0)).toBeLessThanOrEqual(7);
      }),
      { numRuns: cases(300) },
    );
  });

  it('are not offered by GPUs that cannot be divided', () => {
    expect(migLayout('Tesla T4')).toBeUndefined();
    expect(migLayout('V100-32GB')).toBeUndefined();
  });
});
