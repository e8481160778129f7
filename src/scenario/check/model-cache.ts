import type { Path } from '../../base/path.js';
import { isComposed } from '../composition.js';
import { loadMsOf, memoryMbOf } from '../loading.js';
import type { ServedModel } from '../scenario.js';
import type { ServerSpec } from '../spec/server-spec.js';
import type { Findings } from './findings.js';

/** Checks that every model of a server that loads models when they are asked for can be loaded, and that it is known what that takes. */
export function checkModelCache(
  { name, modelCache, triton, models: specs }: ServerSpec,
  path: Path,
  models: readonly ServedModel[],
  findings: Findings,
): void {
  if (modelCache === undefined) return;
  if (triton.rateLimit !== 'off')
    findings.problem(
      [...path, 'modelCache'],
      'is given beside the rate limiter, whose resources go by the models that are loaded: both are not simulated together',
      'leave one of the two out',
    );
  for (const model of models) {
    const { name: own } = model.config;
    const at = [...path, 'models', specs.findIndex((spec) => spec.name === own)];
    if (isComposed(model)) {
      findings.problem(
        at,
        `"${own}" is made of other models: how they are loaded together is not simulated`,
        'serve it elsewhere, or leave modelCache out',
      );
      continue;
    }
    const needMb = memoryMbOf(model);
    if (Number.isNaN(needMb))
      findings.problem(at, `its profile does not know how much memory "${own}" needs`, 'write memoryMb');
    else if (needMb > modelCache.memoryMb)
      findings.problem(
        at,
        `"${own}" needs ${Math.ceil(needMb)} MiB, and the models of "${name}" have ${modelCache.memoryMb} MiB`,
        'raise memoryMb of modelCache, or serve fewer instances',
      );
    if (loadMsOf(model) === 0)
      findings.warn(
        'assumed-parameter',
        `${name}/${own}`,
        'its profile does not know how long it takes to load: it is ready at once unless loadMs says it',
      );
  }
}
