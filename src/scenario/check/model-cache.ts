import type { Path } from '../../base/path.js';
import { joinedModels } from '../composition.js';
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
  const placeOf = (index: number) => {
    const { name: own } = models[index]!.config;
    return [...path, 'models', specs.findIndex((spec) => spec.name === own)];
  };
  for (const [index, model] of models.entries()) {
    const { name: own } = model.config;
    if (Number.isNaN(memoryMbOf(model)))
      findings.problem(
        placeOf(index),
        `its profile does not know how much memory "${own}" needs`,
        'write memoryMb',
      );
    if (loadMsOf(model) === 0 && model.ensemble === undefined) warnOfUnknownLoad(`${name}/${own}`, findings);
  }
  for (const joined of new Set(joinedModels(models))) {
    const needMb = joined.reduce((sum, index) => sum + memoryMbOf(models[index]!), 0);
    if (needMb > modelCache.memoryMb) {
      const names = joined.map((index) => `"${models[index]!.config.name}"`).join(', ');
      findings.problem(
        placeOf(joined[0]!),
        `${names} ${joined.length === 1 ? 'needs' : 'are loaded together and need'} ${Math.ceil(needMb)} MiB, and the models of "${name}" have ${modelCache.memoryMb} MiB`,
        'raise memoryMb of modelCache, or serve fewer instances',
      );
    }
  }
}

export function warnOfUnknownLoad(model: string, findings: Findings): void {
  findings.warn(
    'assumed-parameter',
    model,
    'its profile does not know how long it takes to load: it is ready at once unless loadMs says it',
  );
}
