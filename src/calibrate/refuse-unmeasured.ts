import { InputError } from '../base/problem.js';
import { shellWord } from '../base/shell-word.js';
import type { ModelConfig } from '../scenario/model-config.js';

/** @throws InputError where models are asked for of which no lone request tells what they cost */
export function refuseUnmeasured(configs: readonly ModelConfig[]): void {
  const refused = configs.filter(({ decoupled }) => decoupled === true);
  if (refused.length === 0) return;
  const others = configs.filter((config) => !refused.includes(config));
  const names = others.map(({ name }) => shellWord(name.replaceAll(',', '\\,'))).join(',');
  const remedy = others.length === 0 ? 'name other models' : `calibrate the others: --models ${names}`;
  throw new InputError(
    refused.map(({ name }) => ({
      path: '--models',
      what: `"${name}" is decoupled, and answers no request that is not part of a stream`,
      remedy,
    })),
  );
}
