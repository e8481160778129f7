import { ContentSampler, MOST_CONTENTS } from '../../scenario/contents.js';
import { withClientPause } from '../../scenario/generator-delay.js';
import { ownSequenceId } from '../component-load.js';
import { type Client, createClient, type NextRequest } from '../load/clients.js';
import { modelOf } from './routers.js';
import type { World } from './world.js';

/** The clients of all tenants, and the rows of what they send. */
export class Senders {
  readonly clients: readonly Client[];
  /** By tenant the first of its models. */
  readonly asked: readonly number[];
  readonly #world: World;
  /** By tenant, where its requests are drawn from a number of contents. */
  readonly #contents: readonly (ContentSampler | undefined)[];

  constructor(world: World) {
    const { tenants, streams, durationNs, scenario } = world.setup;
    this.#world = world;
    this.clients = tenants.map((tenant) =>
      createClient(
        withClientPause(tenant, scenario.servers),
        streams.get(`client ${tenant.name}`),
        durationNs,
      ),
    );
    this.asked = tenants.map(({ targets }) => modelOf(world.setup, targets[0]!));
    this.#contents = tenants.map(
      ({ name, contents }) => contents && new ContentSampler(contents, streams.get(`contents ${name}`)),
    );
  }

  /** Adds a request of tenant `t`. @returns its row */
  addRow(t: number, request: NextRequest, sentNs: number): number {
    const { setup, facts, requests } = this.#world;
    const row = requests.add(setup.component.tenants[t]!, request.size, request.plannedNs, sentNs);
    requests.calls?.add(-1, this.asked[t]!);
    const { sharedMemory, requestBytes: eachBytes } = setup.tenants[t]!;
    // What a trace says of a request does not travel where its tensors are in shared memory.
    const isSaid = sharedMemory === undefined && !Number.isNaN(request.requestBytes);
    const requestBytes = isSaid ? request.requestBytes : eachBytes * request.size;
    const contentKey = request.contentId || this.#contentKeyOf(t);
    facts.add(t, requestBytes);
    facts.setPolicy(row, request.priority, request.timeoutUs);
    facts.setContent(row, contentKey);
    const sequenceId = ownSequenceId(request.sequenceId, t, setup.tenants.length);
    facts.setSequence(row, sequenceId, request.sequenceFlags);
    this.#world.tokens?.sent(row, t, request);
    return row;
  }

  /** Adds all requests of tenant `t`, which sends them as planned. */
  addPlanned(t: number): void {
    this.clients[t]!.eachUnsent((request) => this.addRow(t, request, request.plannedNs));
  }

  /** Rows for requests that were planned and have not left by the end of the run; their server is the first that they might go to. */
  addUnsent(): void {
    const { requests, setup } = this.#world;
    this.clients.forEach((client, t) => {
      const { server } = setup.tenants[t]!.targets[0]!;
      client.eachUnsent((request) => {
        const row = this.addRow(t, request, Number.NaN);
        requests.server[row] = server;
      });
    });
  }

  /** Below those of traces: contents of a law are each tenant's own. */
  #contentKeyOf(t: number): number {
    const sampler = this.#contents[t];
    return sampler === undefined ? 0 : -1 - sampler.next() - t * MOST_CONTENTS;
  }
}
