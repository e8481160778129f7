import { calledModels } from '../scenario/composition.js';
import type { Scenario } from '../scenario/scenario.js';
import type { RequestLog } from '../trace/request-log.js';
import type { ModelStatistics } from './inference-client.js';

/** A model that answered more requests during a run than the run sent. */
export interface ForeignRequests {
  readonly model: string;
  readonly answered: number;
  readonly sent: number;
}

/**
 * The models that others than the tenants asked meanwhile. Of models that others call nobody knows how many requests they should get,
 * and those that execute a request several times count it several times.
 */
export function foreignRequests(
  { servers, tenants }: Scenario,
  { tenant, sentUs }: Pick<RequestLog, 'tenant' | 'sentUs'>,
  counted: readonly ModelStatistics[],
): ForeignRequests[] {
  const all = servers.flatMap(({ models }) => models.map((each) => ({ models, each })));
  const unknown = new Set(
    all.flatMap(({ models, each }) => [
      ...calledModels(each).map((index) => models[index]!.config.name),
      ...(each.iterations !== undefined || each.engine !== undefined ? [each.config.name] : []),
    ]),
  );
  const sentTo = new Map(tenants.map(({ model }) => [model, 0]));
  for (const [row, us] of sentUs.entries()) {
    const { model } = tenants[tenant[row]!]!;
    if (Number.isFinite(us)) sentTo.set(model, sentTo.get(model)! + 1);
  }
  return [...sentTo].flatMap(([model, sent]) => {
    const answered = counted
      .filter((each) => each.model === model)
      .reduce((sum, { success }) => sum + success.count, 0);
    return answered > sent && !unknown.has(model) ? [{ model, answered, sent }] : [];
  });
}
