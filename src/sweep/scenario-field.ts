import { closest } from '../base/closest.js';
import { InputError } from '../base/problem.js';
import { scenarioSpecSchema } from '../scenario/spec.js';
import { parseFieldPath } from './field-path.js';
import { NAMED_FIELDS } from './spec.js';

const FIELDS = Object.keys(scenarioSpecSchema.shape);

/**
 * The steps of a path whose first is a field of scenarios: others would be made, and refused point by point.
 *
 * @throws InputError when it cannot be read, or begins with something else
 */
export function scenarioField(text: string): readonly string[] {
  const steps = parseFieldPath(text);
  const [first] = steps;
  if (FIELDS.includes(first!)) return steps;
  const known = steps.length === 1 ? [...NAMED_FIELDS, ...FIELDS] : FIELDS;
  const meant = closest(first!.replace(/\[.*/, ''), known);
  const byName = first!.includes('[') && meant !== undefined;
  throw InputError.of(
    `scenarios have no field "${first}"`,
    byName
      ? `name the part of a list, such as ${meant}.NAME`
      : meant === undefined
        ? `write one of ${known.join(', ')}`
        : `did you mean "${meant}"?`,
  );
}
