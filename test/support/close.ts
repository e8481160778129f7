import { expect } from 'vitest';

/** Holds numbers anywhere inside of a value to those of another one but for rounding, and all else to be equal. */
export function expectClose(found: unknown, expected: unknown, path: string): void {
  if (typeof expected === 'number' && Number.isFinite(expected)) {
    expect(
      Math.abs((found as number) - expected),
      `${path}: ${found} is not ${expected}`,
    ).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
  } else if (typeof expected === 'object' && expected !== null) {
    for (const [key, value] of Object.entries(expected)) {
      expectClose((found as Record<string, unknown>)[key], value, `${path}.${key}`);
    }
  } else {
    expect(found, path).toEqual(expected);
  }
}
