import { checkAgainst, type SchemaProblem } from '../../base/document/schema-problems.js';
import { formatPath } from '../../base/path.js';
import type { Problem } from '../../base/problem.js';
import type { ArrivalProcess } from './process.js';
import { arrivalProcessSchema, batchSizesSchema } from './process-schema.js';

export interface ProcessCheck {
  readonly process?: ArrivalProcess;
  readonly problems: readonly Problem[];
}

/** Checks a value that should be an {@link ArrivalProcess} and was found at `path` (`tenants[0].load`). */
export function validateProcess(value: unknown, path: string): ProcessCheck {
  const { value: process, problems } = checkAgainst(arrivalProcessSchema, value);
  return { ...(process && { process }), problems: problems.map((problem) => placed(problem, path)) };
}

/** Everything that is wrong with a value that should be `BatchSizes` and was found at `path`. */
export function validateBatchSizes(value: unknown, path: string): readonly Problem[] {
  return checkAgainst(batchSizesSchema, value).problems.map((problem) => placed(problem, path));
}

function placed({ path, what, remedy }: SchemaProblem, start: string): Problem {
  const rest = formatPath(path);
  const dot = start === '' || rest === '' || rest.startsWith('[') ? '' : '.';
  return { path: `${start}${dot}${rest}`, what, ...(remedy !== undefined && { remedy }) };
}
