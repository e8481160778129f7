import fc from 'fast-check';

/** A valid text with a few random changes: pieces taken out, doubled, moved, or replaced by noise. */
export function mutated(texts: readonly string[], noise: readonly string[]): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(20),
    put: fc.oneof(fc.constantFrom(...noise), fc.string({ maxLength: 4 }), fc.constant('')),
    double: fc.boolean(),
  });
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 5 }))
    .map(([text, edits]) =>
      edits.reduce((current, { at, length, put, double }) => {
        const start = Math.floor(at * current.length);
        const piece = current.slice(start, start + length);
        return current.slice(0, start) + put + (double ? piece + piece : '') + current.slice(start + length);
      }, text),
    );
}
