import { checkAgainst, type SchemaProblem } from '../../base/document/schema-problems.js';
import { formatPath } from '../../base/path.js';
import type { Problem } from '../../base/problem.js';
import type { ArrivalProcess } from './process.js';
import { arrivalProcessSchema, batchSizesSchema } from './process-schema.js';

/** Everything that is wrong with a value that should be an {@link ArrivalProcess} and was found at `path` (`tenants[0].load`). */
export function validateProcess(value: unknown, path: string): readonly Problem[] {
  return checkAgainst(arrivalProcessSchema, value).problems.map((problem) => placed(problem, path));
}

/** As {@link validateProcess}, for a value that should be `BatchSizes`. */
export function validateBatchSizes(value: unknown, path: string): readonly Problem[] {
  return checkAgainst(batchSizesSchema, value).problems.map((problem) => placed(problem, path));
}

function placed({ path, what, remedy }: SchemaProblem, start: string): Problem {
  const rest = formatPath(path);
  const dot = start === '' || rest === '' || rest.startsWith('[') ? '' : '.';
  return { path: `${start}${dot}${rest}`, what, ...(remedy !== undefined && { remedy }) };
}
