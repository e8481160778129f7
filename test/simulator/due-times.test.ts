import { describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.js';
import { DueTimes } from '../../src/simulator/due-times.js';

describe('moments that are due', () => {
  it('leave in the order of a sorted list, whatever the order in which they come', () => {
    const random = new Random(1, 2, 3);
    const draw = () => Math.floor(random.nextOpen() * 50);
    const sorted = Array.from({ length: 40 }, draw);
    const due = new DueTimes(sorted);
    for (let step = 0; step < 2000; step++) {
      sorted.sort((a, b) => a - b);
      expect(due.firstNs).toBe(sorted[0] ?? Infinity);
      if (sorted.length > 0 && (sorted.length === 40 || random.nextOpen() < 0.5)) {
        due.pop();
        sorted.shift();
      } else {
        const atNs = draw();
        due.push(atNs);
        sorted.push(atNs);
      }
    }
  });

  it('of a million callers take no time that grows with the square of their number', () => {
    const callers = 1_000_000;
    const due = new DueTimes(Array.from({ length: callers }, (_, i) => i));
    // A list that is moved for each of them takes minutes here, more than the limit of a test.
    for (let i = 0; i < callers; i++) {
      const { firstNs } = due;
      due.pop();
      due.push(firstNs + callers / 2);
    }
    expect(due.firstNs).toBeGreaterThan(callers / 2);
  });
});
