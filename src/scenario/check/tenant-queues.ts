import type { Path } from '../../base/path.js';
import { queuedAt } from '../composition.js';
import { type ModelConfig, NO_QUEUE_POLICY, queuePolicyOf } from '../model-config.js';
import type { ServedModel } from '../scenario.js';
import type { TenantSpec } from '../spec/tenant-spec.js';
import type { Findings } from './findings.js';

/** Priority and timeout must be possible in one of the queues that its requests come to. */
export function checkQueues(
  { name, priority, timeoutMs }: TenantSpec,
  models: readonly ServedModel[],
  asked: number,
  path: Path,
  findings: Findings,
): void {
  const configs = queuedAt(models, asked).flatMap((model) => models[model]?.config ?? []);
  const asker = models[asked]!.config.name;
  const levels = Math.max(0, ...configs.map(({ dynamicBatching }) => dynamicBatching?.priorityLevels ?? 0));
  // Steps whose models have problems are left out: nobody knows what they would take.
  if (configs.length === 0) return;
  if (priority > levels) {
    const what = `there is no priority level ${priority}: "${asker}" has ${levels}`;
    findings.problem([...path, 'priority'], what, levels === 0 ? 'leave it out' : `write 1 to ${levels}`);
  }
  if (timeoutMs > 0 && !configs.some((config) => takesTimeout(config, priority, timeoutMs)))
    findings.warn(
      'assumed-parameter',
      name,
      `timeoutMs ${timeoutMs} has no effect: Triton takes it only where the queue policy of "${asker}" has allow_timeout_override and a larger default_timeout_microseconds`,
    );
}

/** Triton takes a request's own timeout only where the policy allows it, and never to raise its default. */
function takesTimeout(config: ModelConfig, priority: number, timeoutMs: number): boolean {
  const { allowTimeoutOverride, defaultTimeoutUs } = queuePolicyOf(config, priority) ?? NO_QUEUE_POLICY;
  return allowTimeoutOverride && timeoutMs * 1000 < defaultTimeoutUs;
}
