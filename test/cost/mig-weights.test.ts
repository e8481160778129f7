import { expect, it } from 'vitest';
import { deviceWeight } from '../../src/cost/scenario-cost.js';
import { computeSlicesOf, migLayout } from '../../src/scenario/mig.js';

/** Weights of the slices of one GPU of that kind, cut as said, as they are priced. */
function weights(kind: string, names: readonly string[]): number[] {
  return names.map((name) =>
    deviceWeight({
      kind: `${kind} MIG ${name}`,
      sharing: { mode: 'mig', parent: 'gpu0', computeSlices: Number.parseInt(name, 10) },
    }),
  );
}

it.each([
  ['A30', ['1g.6gb', '1g.6gb', '1g.6gb', '1g.6gb']],
  ['A30', ['2g.12gb', '1g.6gb', '1g.6gb']],
  ['A100-40GB', Array.from({ length: 7 }, () => '1g.5gb')],
  ['A100-80GB', ['4g.40gb', '2g.20gb', '1g.10gb']],
  ['H100-80GB', ['7g.80gb']],
])('slices into which a whole %s is cut cost together what it costs: %j', (kind, names) => {
  expect(weights(kind, names).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
});

it('a GPU has as many compute slices as its largest slice, which is the whole of it', () => {
  for (const kind of ['A30', 'A100-40GB', 'A100-80GB MIG 1g.10gb', 'H100-80GB']) {
    const { memorySlices, slices } = migLayout(kind)!;
    const whole = slices.find((slice) => slice.memorySlices === memorySlices)!;
    expect(computeSlicesOf(kind)).toBe(whole.computeSlices);
  }
  expect(computeSlicesOf('Tesla T4')).toBeUndefined();
});
