import type { Scenario, Tenant } from '../scenario/scenario.js';
import type { RequestLog } from '../trace/request-log.js';
import { SEQUENCE_END } from '../trace/sequence-flags.js';
import type { InferenceClient, PreparedRequest } from './inference-client.js';
import { LiveError } from './inference-client.js';
import { sequenceOnServer } from './load/marks.js';
import { sendOnce } from './lone-requests.js';

/** Ids, as the server knows them, of the sequences of a tenant that were begun in a run and not ended. */
export function openSequences({ tenants }: Scenario, tenant: number, log: RequestLog): number[] {
  const { load } = tenants[tenant]!;
  if (load.mode === 'closed' || load.trace.sequenceId === undefined) return [];
  const { sequenceId, sequenceFlags } = load.trace;
  const open = new Set<number>();
  let nth = 0;
  for (const [row, of] of log.tenant.entries()) {
    if (of !== tenant) continue;
    const at = nth++;
    if (Number.isNaN(log.sentUs[row]!) || sequenceId[at] === 0) continue;
    if (((sequenceFlags?.[at] ?? 0) & SEQUENCE_END) !== 0) open.delete(sequenceId[at]!);
    else open.add(sequenceId[at]!);
  }
  return [...open].map((id) => sequenceOnServer(id, tenant, tenants.length));
}

/** Ends what a run has left open, so that the next one finds all slots free. A server may have forgotten a sequence by then. */
export async function endOpenSequences(
  scenario: Scenario,
  log: RequestLog,
  to: (tenant: Tenant) => readonly { client: InferenceClient; request: PreparedRequest }[],
): Promise<void> {
  const ends = scenario.tenants.flatMap((tenant, t) =>
    openSequences(scenario, t, log).flatMap((id) =>
      to(tenant).map(({ client, request }) =>
        sendOnce(client, client.mark(request, { sequence: { id, starts: false, ends: true } })),
      ),
    ),
  );
  for (const end of await Promise.allSettled(ends))
    if (end.status === 'rejected' && !(end.reason instanceof LiveError)) throw end.reason;
}
