import { describe, expect, it } from 'vitest';
import { ModelQueue } from '../../../src/simulator/server/model-queue.js';
import {
  type SequenceOptions,
  SequenceServer,
} from '../../../src/simulator/server/sequences/sequence-server.js';
import { SEQUENCE_END, SEQUENCE_START } from '../../../src/trace/sequence-flags.js';

/** Requests of one sequence: at which milliseconds; `S` starts, `E` ends it. Shape where it matters. */
interface Sent {
  readonly atMs: number;
  readonly id: number;
  readonly isStart?: boolean;
  readonly isEnd?: boolean;
  readonly shape?: number;
}

interface Setup {
  readonly instances?: number;
  readonly slots?: number;
  readonly held?: number;
  readonly delayMs?: number;
  readonly minSlotUtilization?: number;
  readonly idleMs?: number;
  readonly ragged?: boolean;
  readonly serviceMs?: number;
}

/** All requests of a sequence, one right after the other from `atMs` on. */
function sequence(id: number, requests: number, atMs = 0, more: Partial<Sent> = {}): Sent[] {
  return Array.from({ length: requests }, (_, i) => ({
    atMs: atMs + i * 1e-3,
    id,
    isStart: i === 0,
    isEnd: i === requests - 1,
    ...more,
  }));
}

interface Ran {
  /** Executions by width. */
  readonly executions: Readonly<Record<number, number>>;
  readonly inferences: number;
  readonly refused: number;
  readonly startsMs: readonly number[];
}

/** Runs a direct batcher, as `sequence_batcher_test.py` does its models. */
function run(all: readonly Sent[], setup: Setup = {}): Ran {
  const { instances = 1, slots = 4, held = 0, delayMs = 0, minSlotUtilization = 0, idleMs = 1e4 } = setup;
  const sent = [...all].sort((a, b) => a.atMs - b.atMs);
  const queue = new ModelQueue({
    queuedNs: new Float64Array(256),
    sizes: new Uint16Array(256),
    shapes: new Uint16Array(256),
    count: 0,
  });
  const executions: Record<number, number> = {};
  const startsMs: number[] = [];
  const ends: { atNs: number; instance: number }[] = [];
  let inferences = 0;
  let refused = 0;
  const options: SequenceOptions = {
    instances,
    slotsEach: slots,
    idleNs: idleMs * 1e6,
    threads: { batcherWakeNs: 0, instancePickUpNs: 0 },
    direct: {
      maxBatchSize: slots,
      delayNs: delayMs * 1e6,
      minSlotUtilization,
      enforceEqualShape: setup.ragged !== true,
    },
    holdUntilQueued: held,
    idOf: (position) => sent[position]!.id,
    flagsOf: (position) => {
      const { isStart = false, isEnd = false } = sent[position]!;
      return (isStart ? SEQUENCE_START : 0) | (isEnd ? SEQUENCE_END : 0);
    },
    onRefused: () => refused++,
  };
  const start = (instance: number, from: number, to: number, width: number, nowNs: number) => {
    executions[width] = (executions[width] ?? 0) + 1;
    startsMs.push(nowNs / 1e6);
    inferences += to - from;
    ends.push({ atNs: nowNs + (setup.serviceMs ?? 1) * 1e6, instance });
    return Infinity;
  };
  const server = new SequenceServer(queue, { start }, options);
  for (let next = 0; ; ) {
    ends.sort((a, b) => a.atNs - b.atNs);
    const arrivesNs = next < sent.length ? Math.round(sent[next]!.atMs * 1e6) : Infinity;
    const endsNs = ends[0]?.atNs ?? Infinity;
    const nowNs = Math.min(arrivesNs, endsNs, server.nextNs);
    if (nowNs === Infinity) break;
    if (arrivesNs === nowNs) {
      queue.push(nowNs, 1, sent[next++]!.shape ?? 0);
      server.pushedAt(nowNs);
    } else if (endsNs === nowNs) server.executionEnded(ends.shift()!.instance, nowNs);
    else server.step();
  }
  return { executions, inferences, refused, startsMs };
}

// qa/L0_sequence_batcher/sequence_batcher_test.py, by the names of its tests; the table of triton-breadth.md, 3d.
describe('a direct sequence batcher', () => {
  it('test_half_batch: two sequences of four', () => {
    const ran = run([...sequence(1, 4), ...sequence(2, 4)], { held: 8 });
    expect(ran).toMatchObject({ executions: { 2: 4 }, inferences: 8 });
  });

  it('test_skip_batch: the first two of four sequences have more requests', () => {
    const first = [...sequence(1, 4), ...sequence(2, 4, 0.5)];
    const ran = run([...first, ...sequence(3, 2, 1), ...sequence(4, 2, 2)], { held: 12 });
    expect(ran).toMatchObject({ executions: { 4: 2, 2: 2 }, inferences: 12 });
  });

  it('test_skip_batch with two instances: the longer sequences have the first slot of each', () => {
    const first = [...sequence(1, 4), ...sequence(2, 4, 0.5)];
    const all = [...first, ...sequence(3, 2, 1), ...sequence(4, 2, 2)];
    expect(run(all, { held: 12, instances: 2, slots: 2 })).toMatchObject({
      executions: { 2: 4, 1: 4 },
      inferences: 12,
    });
  });

  it('test_full_batch: four sequences of three', () => {
    const all = [1, 2, 3, 4].flatMap((id) => sequence(id, 3, id));
    expect(run(all, { held: 12 })).toMatchObject({ executions: { 4: 3 }, inferences: 12 });
  });

  it('test_ragged_batch: shapes that differ go alone, padded to the width of the slots', () => {
    const shapes = [2, 2, 1, 3];
    const all = shapes.flatMap((shape, i) => sequence(i + 1, 3, i, { shape }));
    expect(run(all, { held: 12 })).toMatchObject({ executions: { 4: 9 }, inferences: 12 });
    expect(run(all, { held: 12, ragged: true })).toMatchObject({ executions: { 4: 3 }, inferences: 12 });
  });

  it('test_backlog: the fifth sequence waits for a slot', () => {
    const all = [1, 2, 3, 4, 5].flatMap((id) => sequence(id, 3, id));
    expect(run(all, { held: 15 })).toMatchObject({ executions: { 4: 3, 1: 3 }, inferences: 15 });
    expect(run(all, { held: 15, instances: 2, slots: 2 })).toMatchObject({
      executions: { 2: 6, 1: 3 },
      inferences: 15,
    });
  });

  it('test_backlog_fill: two short sequences fill the slots that become free', () => {
    const lengths = [3, 2, 2, 3, 1, 1];
    const all = lengths.flatMap((requests, i) => sequence(i + 1, requests, i));
    expect(run(all, { held: 12 })).toMatchObject({ executions: { 4: 3 }, inferences: 12 });
  });

  it('test_backlog_fill_no_end: one of them goes on later', () => {
    const lengths = [3, 2, 2, 3, 1];
    const all = lengths.flatMap((requests, i) => sequence(i + 1, requests, i));
    const sixth = sequence(6, 3, 6).map((sent, i) => (i < 2 ? sent : { ...sent, atMs: 2000 }));
    const ran = run([...all, ...sixth], { held: 13 });
    expect(ran).toMatchObject({ executions: { 4: 3, 3: 2 }, inferences: 14 });
  });

  it('test_backlog_same_correlation_id: the id comes again while its first sequence runs', () => {
    const all = [1, 2, 3, 4].flatMap((id) => sequence(id, 3, id));
    const again = sequence(2, 2, 10);
    expect(run([...all, ...again], { held: 14 })).toMatchObject({
      executions: { 4: 3, 1: 2 },
      inferences: 14,
    });
  });

  it('test_backlog_same_correlation_id_no_end: without an end it is the same sequence', () => {
    const open = sequence(1, 2).map((sent) => ({ ...sent, isEnd: false }));
    const others = [2, 3, 4].flatMap((id) => sequence(id, 4, id));
    const again = sequence(1, 2, 10);
    expect(run([...open, ...others, ...again], { held: 16 })).toMatchObject({
      executions: { 4: 4 },
      inferences: 16,
    });
  });

  it('test_backlog_sequence_timeout: who is idle for too long loses its slot', () => {
    const idleMs = 1000;
    const first: Sent = { atMs: 0, id: 1, isStart: true };
    const late: Sent = { atMs: 2500, id: 1, isEnd: true };
    const kept = [2, 3, 4].flatMap((id): Sent[] => [
      { atMs: id / 10, id, isStart: true },
      { atMs: 500 + id / 10, id },
      { atMs: 1000 + id / 10, id, isEnd: true },
    ]);
    const fifth = sequence(5, 1, 5);
    const ran = run([first, late, ...kept, ...fifth], { idleMs });
    expect(ran.refused).toBe(1);
    expect(ran.inferences).toBe(1 + 9 + 1);
  });

  it('test_queue_delay_half_min_util: half of the slots are enough', () => {
    const all: Sent[] = [
      { atMs: 0, id: 1, isStart: true, isEnd: true },
      { atMs: 1000, id: 2, isStart: true },
      { atMs: 1001, id: 2, isEnd: true },
    ];
    const ran = run(all, { delayMs: 3000, minSlotUtilization: 0.5 });
    expect(ran).toMatchObject({ executions: { 2: 2 }, inferences: 3 });
    expect(ran.startsMs[0]).toBeCloseTo(1000, 3);
    expect(ran.startsMs[1]).toBeCloseTo(4001, 3);
  });

  it('test_queue_delay_full_min_util: all of them are asked for', () => {
    const all: Sent[] = [
      { atMs: 0, id: 1, isStart: true, isEnd: true },
      { atMs: 1000, id: 2, isStart: true },
      { atMs: 1001, id: 2, isEnd: true },
    ];
    const ran = run(all, { delayMs: 3000, minSlotUtilization: 1 });
    expect(ran).toMatchObject({ executions: { 2: 2 }, inferences: 3 });
    expect(ran.startsMs[0]).toBeCloseTo(3000, 3);
    expect(ran.startsMs[1]).toBeCloseTo(4001, 3);
  });

  it('test_queue_delay_no_min_util: a delay alone holds nothing', () => {
    const ran = run([...sequence(1, 1), ...sequence(2, 1, 1000)], { delayMs: 3000 });
    expect(ran.startsMs).toEqual([0, 1000]);
  });

  it('test_no_sequence_start: a request of a sequence that has not started is refused', () => {
    expect(
      run([
        { atMs: 0, id: 37 },
        { atMs: 1, id: 0, isStart: true },
      ]).refused,
    ).toBe(2);
  });
});
