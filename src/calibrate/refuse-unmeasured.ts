import { InputError } from '../base/problem.js';
import { shellWord } from '../base/shell-word.js';
import type { ModelConfig } from '../scenario/model-config.js';
import type { Fingerprint } from './fingerprint.js';

/** @throws InputError where models are asked for of which no request tells what they cost, sent in this way */
export function refuseUnmeasured(
  configs: readonly ModelConfig[],
  { protocol, sharedMemory }: Pick<Fingerprint, 'protocol' | 'sharedMemory'> = {},
): void {
  const whys = configs.map(({ decoupled, responseCache, sequences }) => {
    if (sequences?.isIterative === true) return 'executes a request as often as its backend reschedules it';
    if (decoupled === true && protocol === 'http')
      return 'is decoupled, and over HTTP answers no request: leave out --http-url';
    if (sharedMemory !== undefined && responseCache === true)
      return 'has a response cache, which answers inputs in shared memory, as these never change';
    return undefined;
  });
  const others = configs.filter((_, i) => whys[i] === undefined);
  if (others.length === configs.length) return;
  const names = others.map(({ name }) => shellWord(name.replaceAll(',', '\\,'))).join(',');
  const remedy = others.length === 0 ? 'name other models' : `calibrate the others: --models ${names}`;
  throw new InputError(
    configs.flatMap(({ name }, i) =>
      whys[i] === undefined ? [] : [{ path: '--models', what: `"${name}" ${whys[i]}`, remedy }],
    ),
  );
}
