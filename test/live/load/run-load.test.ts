import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/problem.js';
import { type InferenceClient, LiveError } from '../../../src/live/inference-client.js';
import type { LoadOptions } from '../../../src/live/load/load-options.js';
import { runLoad } from '../../../src/live/load/run-load.js';
import type { Load } from '../../../src/scenario/scenario.js';
import { Outcome } from '../../../src/trace/request-log.js';
import { arrivals } from '../../support/scenario.js';
import { fakeClient, loadOptions, loadTenant } from './fake-client.js';
import { type LocalServerOptions, localClient } from './local-client.js';

const every5Ms = arrivals(Array.from({ length: 40 }, (_, i) => i * 5000));
const twoClients: Load = {
  mode: 'closed',
  concurrency: 2,
  thinkTime: { law: 'constant', meanUs: 1000 },
  maxRequests: Infinity,
};

/** Everything on this machine's clock, against a client that answers without a network. */
function realTime(more: Partial<LoadOptions> = {}, server: LocalServerOptions = {}): LoadOptions {
  const recipe = {
    module: new URL('./local-client.ts', import.meta.url).href,
    factory: 'localClient',
    options: server,
  };
  return {
    ...loadOptions(localClient(server), [loadTenant('open', every5Ms), loadTenant('closed', twoClients)]),
    servers: [{ name: 's', client: localClient(server), connect: recipe }],
    durationUs: 250_000,
    ...more,
  };
}

const ways = [
  { pacer: 'hybrid' as const },
  { pacer: 'worker' as const },
  { pacer: 'sleep' as const },
  { pacer: 'worker' as const, threads: 2 },
];

describe('a run on the real clock', () => {
  it.each(ways)('by %o sends every request once and never early', async (way) => {
    const { log, generator, endReason, errors } = await runLoad(realTime(way));
    const open = Array.from(log.tenant.keys()).filter((row) => log.tenant[row] === 0);
    expect(open.map((row) => log.plannedUs[row])).toEqual(Array.from({ length: 40 }, (_, i) => i * 5000));
    expect(endReason).toBe('duration');
    expect(errors).toEqual([]);
    for (const row of log.tenant.keys()) {
      if (log.outcome[row] === Outcome.unfinished) continue;
      expect(log.sentUs[row]).toBeGreaterThanOrEqual(log.plannedUs[row]!);
      expect(log.endedUs[row]).toBeGreaterThanOrEqual(log.sentUs[row]!);
    }
    expect(log.tenant.length - open.length).toBeGreaterThan(2);
    expect(generator.lagMs.max).toBeGreaterThanOrEqual(generator.lagMs.p50);
    expect(generator.verdict).toMatch(/^the load generator /);
  });

  it.each([{ threads: 1 }, { threads: 2 }])('ends when it is told to, with %o', async (way) => {
    const stop = new AbortController();
    const options = realTime({
      ...way,
      durationUs: 60e6,
      signal: stop.signal,
      onProgress: ({ answered }) => answered > 0 && stop.abort(),
    });
    const { log, endReason, remark } = await runLoad(options);
    expect(endReason).toBe('aborted');
    expect(log.endUs).toBeLessThan(60e6);
    expect(log.outcome).toContain(Outcome.completed);
    expect(remark).toMatch(/^stopped after [\d.]+ s$/);
  });

  it.each([{ threads: 1 }, { threads: 2 }])(
    'ends when the server is gone for a while, with %o',
    async (way) => {
      const options = realTime(
        { ...way, durationUs: 60e6, giveUpMs: 200, pacer: 'sleep' },
        { diesAfter: 20 },
      );
      const { log, endReason, errors } = await runLoad(options);
      expect(endReason).toBe('serverGone');
      expect(errors[0]).toMatchObject({ kind: 'lost', message: 'the server died' });
      expect(log.outcome).toContain(Outcome.completed);
      expect(log.outcome).toContain(Outcome.failed);
    },
  );

  it('that was stopped before it began has measured nothing', async () => {
    const { log, endReason } = await runLoad(realTime({ signal: AbortSignal.abort() }));
    expect(endReason).toBe('aborted');
    expect(log.outcome.every((outcome) => outcome === Outcome.unfinished)).toBe(true);
  });
});

describe('a run that cannot begin', () => {
  const unreachable = { refuses: 'nobody answers at fake:1' };

  it('because nobody answers fails with that error', async () => {
    await expect(runLoad(realTime({}, unreachable))).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('because a thread cannot connect fails with the error of the thread', async () => {
    const options = realTime({ threads: 2 }, unreachable);
    const servers = options.servers.map((server) => ({ ...server, client: localClient({}) }));
    const run = runLoad({ ...options, servers });
    await expect(run).rejects.toBeInstanceOf(LiveError);
    await expect(run).rejects.toThrow('nobody answers at fake:1');
  });

  it('because a recipe is wrong says which module lacks what', async () => {
    const [server] = realTime().servers;
    const connect = { ...server!.connect!, factory: 'nothing' };
    const run = runLoad(realTime({ threads: 2, servers: [{ ...server!, connect }] }));
    await expect(run).rejects.toThrow('local-client.ts exports no function nothing');
  });

  it('because of its options lists everything that is wrong with them', async () => {
    const client: InferenceClient = fakeClient(() => undefined);
    const run = runLoad(
      loadOptions(client, [], { durationUs: Number.NaN, threads: 1.5, drainMs: -1, servers: [] }),
    );
    await expect(run).rejects.toBeInstanceOf(InputError);
    await expect(run).rejects.toThrow(/durationUs.*drainMs.*threads.*servers/s);
  });

  it('because it would never end says so', async () => {
    await expect(runLoad(realTime({ durationUs: Infinity }))).rejects.toThrow(
      'without end, and so is a closed loop',
    );
  });

  it('because a tenant sends to a server that is not there says so', async () => {
    const tenants = [loadTenant('t', every5Ms, { targets: [{ server: 3 }] })];
    await expect(runLoad(realTime({ tenants }))).rejects.toThrow('tenant "t" has a target among 1 servers');
  });
});
