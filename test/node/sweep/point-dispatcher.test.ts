import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { LiveError } from '../../../src/live/inference-client.js';
import type { Library } from '../../../src/node/sweep/content-library.js';
import type { PointData } from '../../../src/node/sweep/redis/messages.js';
import { PointDispatcher } from '../../../src/node/sweep/redis/point-dispatcher.js';
import type { PointJob } from '../../../src/node/sweep/runner.js';
import { ROW_COLUMNS, type SweepCell } from '../../../src/sweep/row.js';

/** Looks come much faster than in earnest. */
const LOOK_MS = 10;

interface StoredJob {
  readonly finishedOn?: number;
  readonly failedReason?: string;
  readonly returnvalue?: unknown;
  readonly processedBy?: string;
}

/** A queue in memory, which does what a Redis would, or refuses it with an error. */
class FakeQueue {
  readonly jobs = new Map<string, StoredJob>();
  /** What was asked of it, in order. */
  readonly calls: string[] = [];
  publishMs = 0;
  refusal: { readonly of: 'publish' | 'add' | 'get'; readonly message: string } | undefined;
  #added: (key: string) => void = () => {};

  /** Calls `work` with each point that is handed over. */
  onAdded(work: (key: string) => void): void {
    this.#added = work;
  }

  finish(key: string, how: Omit<StoredJob, 'finishedOn'>): void {
    this.jobs.set(key, { finishedOn: 1, ...how });
  }

  getBackend() {
    const set = async () => {
      this.#ask('publish', 'publish');
      await sleep(this.publishMs);
    };
    return { client: Promise.resolve({ set }) };
  }

  async addBulk(jobs: readonly { readonly opts: { readonly jobId: string } }[]): Promise<void> {
    const keys = jobs.map(({ opts }) => opts.jobId);
    this.#ask('add', `add ${keys.join(' ')}`);
    for (const key of keys) {
      if (this.jobs.has(key)) continue;
      this.jobs.set(key, {});
      this.#added(key);
    }
  }

  async getJob(key: string): Promise<StoredJob | undefined> {
    if (this.refusal?.of === 'get') throw new Error(this.refusal.message);
    return this.jobs.get(key);
  }

  async remove(key: string): Promise<void> {
    this.calls.push(`remove ${key}`);
    this.jobs.delete(key);
  }

  #ask(of: 'publish' | 'add', call: string): void {
    this.calls.push(call);
    if (this.refusal?.of === of) throw new Error(this.refusal.message);
  }
}

const LIBRARY = { files: new Map([['hash', {}]]), traces: new Map() } as unknown as Library;
const SCENARIO = { servers: [], tenants: [] } as unknown as PointJob['scenario'];

/** What such a point gives: one row, over no tenants. */
const TOTAL: Readonly<Record<string, SweepCell>> = {
  ...Object.fromEntries(ROW_COLUMNS.map(({ name }) => [name, null])),
  tenant: 'total',
  is_total: true,
};
const ROWS = [TOTAL];

function dispatch(queue: FakeQueue, keys: readonly string[], signal = new AbortController().signal) {
  const landed: string[] = [];
  const notes: string[] = [];
  const dispatcher = new PointDispatcher({
    queue: queue as unknown as Queue<PointData>,
    where: 'redis://box:6379, queue points',
    library: LIBRARY,
    jobs: keys.map((key) => ({ key, scenario: SCENARIO, portable: () => '{}' })),
    onResult: async ({ key }) => void landed.push(key),
    notify: (text) => void notes.push(text),
    lookMs: LOOK_MS,
  });
  return { landed, notes, ended: dispatcher.run(signal) };
}

describe('a point that a worker failed at', () => {
  it('has failed once, however long it takes to hand it over again', async () => {
    const queue = new FakeQueue();
    let runs = 0;
    queue.onAdded((key) => {
      runs++;
      if (runs === 1) {
        queue.publishMs = 20 * LOOK_MS;
        queue.finish(key, { failedReason: 'no content' });
      } else queue.finish(key, { returnvalue: { rows: ROWS } });
    });
    const { landed, ended } = dispatch(queue, ['k']);
    await ended;
    expect(landed).toEqual(['k']);
    expect(queue.calls).toEqual(['publish', 'add k', 'remove k', 'publish', 'add k', 'remove k']);
  });

  it('is handed over with all others that failed, and what they refer to is published once', async () => {
    const queue = new FakeQueue();
    const keys = ['a', 'b', 'c', 'd'];
    const tried = new Set<string>();
    queue.onAdded((key) => {
      queue.finish(key, tried.has(key) ? { returnvalue: { rows: ROWS } } : { failedReason: 'no content' });
      tried.add(key);
    });
    const { landed, ended } = dispatch(queue, keys);
    await ended;
    expect(landed.sort()).toEqual(keys);
    expect(queue.calls.filter((call) => call === 'publish')).toHaveLength(2);
    expect(queue.calls.filter((call) => call.startsWith('add'))).toEqual(['add a b c d', 'add a b c d']);
  });

  it('ends the sweep when three workers failed at it, with the reason of the last', async () => {
    const queue = new FakeQueue();
    queue.onAdded((key) => queue.finish(key, { failedReason: 'it is too large' }));
    await expect(dispatch(queue, ['k']).ended).rejects.toThrow(
      'point k failed 3 times, the last time with: it is too large',
    );
    expect(queue.calls.filter((call) => call === 'add k')).toHaveLength(3);
  });

  it('ends the sweep at once when it is one that workers die of', async () => {
    const queue = new FakeQueue();
    queue.onAdded((key) => queue.finish(key, { failedReason: 'job stalled more than allowable limit' }));
    await expect(dispatch(queue, ['k']).ended).rejects.toThrow('5 workers died while they simulated point k');
    expect(queue.calls.filter((call) => call === 'add k')).toHaveLength(1);
  });

  it('has failed once even where Redis does not take it back at first', async () => {
    const queue = new FakeQueue();
    let runs = 0;
    queue.onAdded((key) => {
      queue.finish(key, ++runs < 3 ? { failedReason: 'no content' } : { returnvalue: { rows: ROWS } });
      queue.refusal = { of: 'publish', message: 'OOM' };
      setTimeout(() => {
        queue.refusal = undefined;
      }, 5 * LOOK_MS);
    });
    const { landed, ended } = dispatch(queue, ['k']);
    await ended;
    expect(landed).toEqual(['k']);
  });
});

describe('what a worker hands in', () => {
  it.each([
    ['no row', { rows: [] }, 'the result: rows has 0 rows in place of 1'],
    ['a row of another tenant', { rows: [{ ...TOTAL, tenant: 'x' }] }, 'rows[0].tenant is not "total"'],
    ['a cell of another type', { rows: [{ ...TOTAL, offered: '7' }] }, 'rows[0].offered'],
    ['a count below zero', { rows: [{ ...TOTAL, offered: -7 }] }, 'rows[0].offered'],
    ['a column that there is not', { rows: [{ ...TOTAL, evil: 7 }] }, 'rows[0].evil'],
    ['no cells', { rows: [{}] }, 'rows[0].tenant'],
    ['rows and problems', { rows: ROWS, problems: [{ what: 'w' }] }, 'rows'],
    ['problems that are none', { problems: [{ what: 7 }] }, 'problems[0].what'],
    ['no problem', { problems: [] }, 'problems'],
    ['a text', 'evil', 'the result is no JSON'],
    ['nothing', null, 'the result'],
    ['a list', [], 'the result'],
  ])('lands only if it is what comes of the point: not %s', async (_, returnvalue, what) => {
    const queue = new FakeQueue();
    queue.onAdded((key) => queue.finish(key, { returnvalue, processedBy: 'box 7' }));
    const { landed, ended } = dispatch(queue, ['k']);
    const error = await ended.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(LiveError);
    const { message, remedy } = error as LiveError;
    expect(message).toContain('redis://box:6379, queue points: the worker "box 7" handed in something else');
    expect(message).toContain('of point k: ');
    expect(message).toContain(what);
    expect(remedy).toContain('stop that worker');
    // The next sweep does not find it again.
    expect([landed, queue.jobs.size]).toEqual([[], 0]);
  });
});

describe('a Redis that does not take what it is given', () => {
  it('is asked again until it does, and people are told once', async () => {
    const queue = new FakeQueue();
    queue.onAdded((key) => queue.finish(key, { returnvalue: { rows: ROWS } }));
    queue.refusal = { of: 'publish', message: 'OOM command not allowed' };
    const { landed, notes, ended } = dispatch(queue, ['a', 'b']);
    while (queue.calls.length < 3) await sleep(LOOK_MS);
    expect(landed).toEqual([]);
    queue.refusal = undefined;
    await ended;
    expect(landed).toEqual(['a', 'b']);
    expect(notes).toEqual([expect.stringContaining('OOM command not allowed')]);
  });

  it.each(['publish', 'add', 'get'] as const)(
    'ends the sweep when it goes on: it refuses to %s',
    async (of) => {
      const queue = new FakeQueue();
      queue.refusal = { of, message: `NOPERM no rights to ${of}` };
      await expect(dispatch(queue, ['k']).ended).rejects.toThrow(
        `15 times, the last time with: NOPERM no rights to ${of}`,
      );
    },
  );

  it('is waited for, however long, while it loads what it held', async () => {
    const queue = new FakeQueue();
    queue.onAdded((key) => queue.finish(key, { returnvalue: { rows: ROWS } }));
    queue.refusal = { of: 'publish', message: 'LOADING Redis is loading the dataset in memory' };
    const { landed, notes, ended } = dispatch(queue, ['k']);
    while (queue.calls.length < 30) await sleep(LOOK_MS);
    queue.refusal = undefined;
    await ended;
    expect([landed, notes]).toEqual([['k'], []]);
  });
});

it('a sweep that is stopped asks nothing more of Redis', async () => {
  const queue = new FakeQueue();
  const controller = new AbortController();
  queue.onAdded(() => controller.abort());
  await dispatch(queue, ['k'], controller.signal).ended;
  queue.jobs.clear();
  const asked = queue.calls.length;
  await sleep(5 * LOOK_MS);
  expect(queue.calls).toHaveLength(asked);
});
