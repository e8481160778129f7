import { describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.js';
import { mser5, remainingTransient } from '../../src/metrics/figures/warm-up.js';
import { ar1, mm1Waits } from './log-builder.js';

describe('MSER-5', () => {
  it('cuts a clear transient about where it ends', () => {
    const series = ar1(0.3, 4000, new Random(1, 2, 3)).map((value, i) => value + (i < 500 ? 10 : 0));
    const { cut, uncertain } = mser5(series);
    expect(cut).toBeGreaterThanOrEqual(500);
    expect(cut).toBeLessThan(700);
    expect(uncertain).toBe(false);
  });

  it('cuts a settling curve after most of it has passed', () => {
    const series = ar1(0, 5000, new Random(4, 5, 6)).map((value, i) => value - 20 * Math.exp(-i / 200));
    expect(mser5(series).cut).toBeGreaterThan(400);
    expect(mser5(series).cut).toBeLessThan(1500);
  });

  it('is uncertain about a series that never settles', () => {
    expect(mser5(Float64Array.from({ length: 1000 }, (_, i) => i * i)).uncertain).toBe(true);
  });

  it('cuts nothing from a constant series and is uncertain about one too short to say', () => {
    expect(mser5(new Float64Array(100).fill(1))).toEqual({ cut: 0, uncertain: false });
    expect(mser5(Float64Array.of(1, 2, 3))).toEqual({ cut: 0, uncertain: true });
    expect(mser5(new Float64Array(0))).toEqual({ cut: 0, uncertain: false });
  });
});

describe('remaining transient', () => {
  it('is seen where the first fifth of a run is still different', () => {
    const series = ar1(0.3, 4000, new Random(7, 8, 9)).map((value, i) => value + (i < 800 ? 3 : 0));
    expect(remainingTransient(series)).toBeGreaterThan(700);
  });

  it('is hardly ever seen in stationary series', () => {
    const random = new Random(10, 11, 12);
    let seen = 0;
    for (let i = 0; i < 100; i++) {
      if (remainingTransient(ar1(0.8, 2000, random)) > 0) seen++;
      if (remainingTransient(mm1Waits(0.7, 6000, random).subarray(1000)) > 0) seen++;
    }
    expect(seen).toBeLessThanOrEqual(6);
  });
});
