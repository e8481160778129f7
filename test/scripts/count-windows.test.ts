import { describe, expect, it } from 'vitest';
import { shownPerS, withoutWindow } from '../../scripts/nvidia/count-windows.js';

const row = { concurrency: 64, requestBatch: 1, inferencesPerS: 640, meanLatencyMs: 100 };

describe('a window that ends after so many requests', () => {
  it('lacks the answers of half a latency of its whole seconds', () => {
    expect(shownPerS(row, undefined)).toBe(640);
    expect(shownPerS(row, 500)).toBeCloseTo(640 * 0.95);
    expect(shownPerS(row, 1000)).toBeCloseTo(640 * 0.975);
  });

  it('is told from the latency of a closed loop', () => {
    expect(withoutWindow({ ...row, inferencesPerS: 608 }).inferencesPerS).toBe(640);
  });
});
