import { describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.js';
import { EventQueue } from '../../src/simulator/containers/event-queue.js';

describe('events that are due', () => {
  it('leave in the order of a sorted list, whatever the order in which they come', () => {
    const random = new Random(1, 2, 3);
    const draw = () => Math.floor(random.nextOpen() * 50);
    const sorted = Array.from({ length: 40 }, draw);
    const due = dueAt(sorted);
    for (let step = 0; step < 2000; step++) {
      sorted.sort((a, b) => a - b);
      expect(due.nextNs).toBe(sorted[0] ?? Infinity);
      if (sorted.length > 0 && (sorted.length === 40 || random.nextOpen() < 0.5)) {
        due.pop();
        sorted.shift();
      } else {
        const atNs = draw();
        due.push(atNs, 0, 0);
        sorted.push(atNs);
      }
    }
  });

  it('at one instant leave by kind, then by precedence, however many tenants there are, then as they came', () => {
    const due = new EventQueue();
    const events = [
      { kind: 1, precedence: 65_535 },
      { kind: 1, precedence: 65_535 },
      { kind: 2, precedence: 0 },
      { kind: 2, precedence: 1 },
    ];
    for (const i of [3, 0, 2, 1]) due.push(7, events[i]!.kind, i, events[i]!.precedence);
    const left = events.map(() => {
      due.pop();
      return due.subject;
    });
    expect(left).toEqual([0, 1, 2, 3]);
  });

  it('of a million clients take no time that grows with the square of their number', () => {
    const closedLoopClients = 1_000_000;
    const due = dueAt(Array.from({ length: closedLoopClients }, (_, i) => i));
    // A list that is moved for each of them takes minutes here, more than the limit of a test.
    for (let i = 0; i < closedLoopClients; i++) {
      const { nextNs } = due;
      due.pop();
      due.push(nextNs + closedLoopClients / 2, 0, 0);
    }
    expect(due.nextNs).toBeGreaterThan(closedLoopClients / 2);
  });
});

function dueAt(ns: readonly number[]): EventQueue {
  const due = new EventQueue();
  for (const atNs of ns) due.push(atNs, 0, 0);
  return due;
}
