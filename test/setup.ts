import fc from 'fast-check';
import { beforeEach, expect } from 'vitest';

// The same random cases at every run, so that a failure can be repeated; FC_SEED=7 npm test tries others.
fc.configureGlobal({ seed: Number(process.env['FC_SEED'] ?? 1) });

// Commands leave their exit code on the process, which many files share.
beforeEach(() => {
  process.exitCode = undefined;
});

// Columns of many requests with the same bytes are equal: to compare their values one by one takes seconds.
expect.addEqualityTesters([
  (a: unknown, b: unknown) => (isColumn(a) && isColumn(b) && haveSameBytes(a, b) ? true : undefined),
]);

function isColumn(value: unknown): value is NodeJS.TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function haveSameBytes(a: NodeJS.TypedArray, b: NodeJS.TypedArray): boolean {
  const bytesOf = ({ buffer, byteOffset, byteLength }: NodeJS.TypedArray) =>
    new Uint8Array(buffer, byteOffset, byteLength);
  return a.constructor === b.constructor && Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}
