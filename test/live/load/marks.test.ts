import { expect, it } from 'vitest';
import { RandomStreams } from '../../../src/base/random.js';
import type { PreparedRequest, RequestMark } from '../../../src/live/inference-client.js';
import type { LoadTenant } from '../../../src/live/load/load-options.js';
import { planTenants } from '../../../src/live/load/plan.js';
import { planOfThread } from '../../../src/live/load/split-plan.js';
import { ContentSampler } from '../../../src/scenario/contents.js';
import { arrivals } from '../../support/scenario.js';
import { fakeClient, loadOptions, loadTenant } from './fake-client.js';
import { runVirtually, VirtualTime } from './virtual-time.js';

const every1Ms = (count: number) => Array.from({ length: count }, (_, i) => i * 1000);
const ROOM = 2 ** 24;

function clientWithRoom(room = ROOM) {
  const sent: (PreparedRequest & { mark?: RequestMark })[] = [];
  const client = fakeClient(
    (request, done) => {
      sent.push(request);
      done(undefined);
    },
    {
      prepare: ({ model, batchSize }) => ({
        ...{ model, batchSize, bytes: new Uint8Array(8) },
        content: { at: 0, dataType: 'FP32', digits: 1, base: room, room },
      }),
    },
  );
  return { client, sent };
}

async function contentsOf(tenants: readonly LoadTenant[], room?: number): Promise<(number | undefined)[]> {
  const { client, sent } = clientWithRoom(room);
  const contents = { isMarked: () => true, place: 0.5 };
  await runVirtually(new VirtualTime(), loadOptions(client, tenants, { contents }));
  return sent.map(({ mark }) => mark?.content);
}

it('contents of a law are drawn as the simulator draws them', async () => {
  const law = { objects: 5, exponent: 1 };
  const found = await contentsOf([loadTenant('t', arrivals(every1Ms(200)), { contents: law })]);
  const sampler = new ContentSampler(law, new RandomStreams(1).get('contents t'));
  const drawn = found.map(() => sampler.next());
  expect(found.map((content) => content! - found[0]!)).toEqual(drawn.map((each) => each - drawn[0]!));
});

it('contents of traces are equal across tenants, and what no trace or law tells of is like nothing else', async () => {
  const trace = arrivals(every1Ms(4), { contentId: Float64Array.of(7, 0, 7, 9) });
  const closed = {
    mode: 'closed',
    concurrency: 1,
    maxRequests: 3,
    thinkTime: { law: 'constant', meanUs: 10_000 },
  } as const;
  const found = await contentsOf([loadTenant('a', trace), loadTenant('b', trace), loadTenant('c', closed)]);
  expect(found).toHaveLength(11);
  // The trace of each: 7 four times and 9 twice in all.
  expect(new Set(found).size).toBe(11 - 3 - 1);
});

it('requests without room for their contents are refused', async () => {
  await expect(contentsOf([loadTenant('t', arrivals(every1Ms(100)))], 1000)).rejects.toThrow(
    /the inputs of "m" have room for 1000 different contents; 6400 are needed/,
  );
});

it('requests of a sequence stay on one thread, under a number that no other tenant has', () => {
  const ids = Float64Array.from({ length: 40 }, (_, i) => 1 + (i % 7));
  const trace = arrivals(every1Ms(40), { sequenceId: ids, sequenceFlags: new Uint16Array(40).fill(1) });
  const { client } = clientWithRoom();
  const tenants = ['a', 'b'].map((name) => loadTenant(name, trace));
  const plans = planTenants(loadOptions(client, tenants));
  const parts = [0, 1, 2].map((thread) => planOfThread(plans, thread, 3));
  const seen = parts.map((part) =>
    part.map(({ load }) => [...new Set(load.mode === 'trace' ? load.marks!.sequenceId : [])]),
  );
  const all = seen.flat(2);
  expect(all).toHaveLength(2 * 7);
  expect(new Set(all).size).toBe(2 * 7);
  const rows = parts.flat().map(({ load }) => (load.mode === 'trace' ? load.arrivalUs.length : 0));
  expect(rows.reduce((sum, each) => sum + each, 0)).toBe(2 * 40);
});
