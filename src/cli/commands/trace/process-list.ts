import { canonicalJson } from '../../../base/canonical-json.js';
import { PROCESS_KINDS, processAsArgument } from './process-kinds.js';

export function processKindsToText(): string {
  return Object.entries(PROCESS_KINDS)
    .map(
      ([kind, { description, example }]) =>
        `${kind}: ${description}\n  --process-json ${processAsArgument(example)}\n`,
    )
    .join('');
}

export function processKindsToJson(): string {
  return canonicalJson({ format: 'perseus-processes/1', processes: PROCESS_KINDS }, ['format']);
}
