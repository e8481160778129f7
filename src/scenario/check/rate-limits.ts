import type { Path } from '../../base/path.js';
import type { ModelConfig } from '../model-config.js';
import { whyNotLoaded } from '../rate-limits.js';
import type { RateLimitOptions, ServedModel } from '../scenario.js';
import type { ServerSpec } from '../spec/server-spec.js';
import type { TritonSpec } from '../spec/triton-spec.js';
import type { Findings } from './findings.js';

/** The rate limiter of a server; undefined: it is off. */
export function rateLimitOf({ rateLimit, rateLimitResources }: TritonSpec): RateLimitOptions | undefined {
  return rateLimit === 'off' ? undefined : { resources: rateLimitResources ?? [] };
}

/** The field of a configuration that a server without a rate limiter does not look at. */
export function unusedLimits({ rateLimit }: TritonSpec, { instanceGroups }: ModelConfig): string[] {
  const isUnused = rateLimit === 'off' && instanceGroups.some(({ rateLimiter }) => rateLimiter !== undefined);
  return isUnused ? ['instance_group.rate_limiter'] : [];
}

/** Checks that each instance can have the resources that it asks for, as Triton does when it loads the models. */
export function checkRateLimits(
  { triton }: ServerSpec,
  path: Path,
  models: readonly ServedModel[],
  findings: Findings,
): void {
  const at = [...path, 'triton', 'rateLimitResources'];
  const limits = rateLimitOf(triton);
  if (limits === undefined) {
    if (triton.rateLimitResources !== undefined)
      findings.problem(
        at,
        'has no meaning while the rate limiter is off',
        'write rateLimit: execution_count',
      );
    return;
  }
  const demands = models.flatMap(({ instances }) =>
    instances.flatMap(({ limits: own }) => own?.demand ?? []),
  );
  const remedy = 'raise its count, or ask for less of it';
  for (const why of whyNotLoaded(demands, limits.resources)) {
    const isConflict = why.includes('both global');
    findings.problem(
      isConflict ? [...path, 'triton', 'rateLimit'] : at,
      why,
      isConflict ? 'write global for all models or for none' : remedy,
    );
  }
}
