import * as z from 'zod';
import { checkAgainst } from '../../../base/document/schema-problems.js';
import { parseDocumentWith } from '../../../base/document.js';
import { formatPath } from '../../../base/path.js';
import { InputError, type Place, type Problem } from '../../../base/problem.js';
import { expectedSteps, MOST_STEPS } from '../../../scenario/check/load-size.js';
import { bytes, MAX_BYTES, name, secondsAboveZero } from '../../../scenario/spec/values.js';
import { MAX_TENANTS } from '../../../trace/columns.js';
import { type BatchSizes, largestBatchSize } from '../../../trace/synthesis/batch-sizes.js';
import type { ArrivalProcess } from '../../../trace/synthesis/process.js';
import { arrivalProcessSchema, batchSizesSchema } from '../../../trace/synthesis/process-schema.js';

/** One tenant whose requests are to be generated, with the words of a scenario file. */
export interface GeneratedTenant {
  readonly tenant: string;
  readonly process: ArrivalProcess;
  readonly durationS: number;
  readonly batchSize?: BatchSizes;
  /** Per inference. */
  readonly requestBytes?: number;
}

const tenantSchema = z.strictObject({
  tenant: name,
  process: arrivalProcessSchema,
  durationS: secondsAboveZero,
  batchSize: batchSizesSchema.exactOptional(),
  requestBytes: bytes.exactOptional(),
});

const tenantsSchema = z
  .array(tenantSchema.partial({ durationS: true }))
  .min(1, 'is empty; write at least one tenant')
  .max(MAX_TENANTS);

/**
 * Reads a list of tenants, YAML or JSON. `durationS` counts where a tenant has none.
 *
 * @throws InputError with everything that is wrong and where it stands
 */
export function parseGeneratedTenants(
  text: string,
  options: { readonly file: string; readonly durationS?: number | undefined },
): readonly GeneratedTenant[] {
  const { value = [], problems, positionOf } = parseDocumentWith(tenantsSchema, text, options);
  if (problems.length > 0) throw new InputError(problems);
  const names = value.map(({ tenant }) => tenant);
  const found: Problem[] = [];
  const tenants = value.flatMap((tenant, i): GeneratedTenant[] => {
    const { durationS = options.durationS, ...rest } = tenant;
    if (names.indexOf(tenant.tenant) < i) found.push({ ...positionOf([i, 'tenant']), ...REPEATED });
    if (durationS !== undefined) return [{ ...rest, durationS }];
    found.push({ ...positionOf([i]), ...NO_DURATION });
    return [];
  });
  if (found.length > 0) throw new InputError(found);
  checkSize(tenants, (i) => positionOf([i]));
  return tenants;
}

const REPEATED = { what: 'is the name of an earlier tenant', remedy: 'give each tenant its own name' };
const NO_DURATION = { what: 'has no durationS', remedy: 'write one, or give --duration' };

/** Reads one process, YAML or JSON; `name` is where it stands. @throws InputError */
export function parseProcess(text: string, name: string): ArrivalProcess {
  const { value, problems } = parseDocumentWith(arrivalProcessSchema, text, { file: name });
  if (value === undefined) throw new InputError(problems);
  return value;
}

/**
 * Checks one tenant that does not come from a text; `nameOf` tells what sets a field.
 *
 * @throws InputError with everything that is wrong
 */
export function checkTenant(tenant: unknown, nameOf: (path: string) => string): GeneratedTenant {
  const { value, problems } = checkAgainst(tenantSchema, tenant);
  if (value === undefined) {
    throw new InputError(
      problems.map(({ atKey: _, path, ...rest }) => ({ ...rest, path: nameOf(formatPath(path)) })),
    );
  }
  checkSize([value], () => ({}));
  return value;
}

/** @throws InputError at the tenant with whom it becomes too much */
function checkSize(tenants: readonly GeneratedTenant[], placeOf: (index: number) => Place): void {
  let steps = 0;
  for (const [i, tenant] of tenants.entries()) {
    steps += expectedSteps(tenant.process, tenant.durationS);
    if (steps > MOST_STEPS) {
      const what = `about ${steps.toPrecision(3)} requests or changes of rate up to here`;
      throw InputError.of(what, `lower the rate or the duration: at most ${MOST_STEPS}`, placeOf(i));
    }
    if ((tenant.requestBytes ?? 0) * largestBatchSize(tenant.batchSize ?? 1) > MAX_BYTES) {
      const what = `a request of the largest batch size has more than ${MAX_BYTES} bytes`;
      throw InputError.of(what, 'lower the bytes per inference or the batch size', placeOf(i));
    }
  }
}
