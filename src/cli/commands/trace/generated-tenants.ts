import { z } from 'zod';
import { parseDocumentWith } from '../../../base/document.js';
import { InputError, type Problem } from '../../../base/problem.js';
import { expectedSteps } from '../../../scenario/check/load-size.js';
import { bytes, name, secondsAboveZero } from '../../../scenario/spec/values.js';
import { MAX_TENANTS } from '../../../trace/columns.js';
import type { ArrivalProcess } from '../../../trace/synthesis/process.js';
import { arrivalProcessSchema, batchSizesSchema } from '../../../trace/synthesis/process-schema.js';
import { MOST_REQUESTS } from './limit.js';

const tenantSchema = z.strictObject({
  tenant: name,
  process: arrivalProcessSchema,
  durationS: secondsAboveZero.exactOptional(),
  batchSize: batchSizesSchema.exactOptional(),
  requestBytes: bytes.exactOptional(),
});

const tenantsSchema = z.array(tenantSchema).min(1, 'is empty; write at least one tenant').max(MAX_TENANTS);

/** One tenant whose requests are to be generated, with the words of a scenario file. */
export type GeneratedTenant = z.output<typeof tenantSchema> & { readonly durationS: number };

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
  const tenants = value.map((tenant) => ({ ...tenant, durationS: tenant.durationS ?? options.durationS }));
  const found = tenants.flatMap((tenant, i): Problem[] => [
    ...(tenants.findIndex((other) => other.tenant === tenant.tenant) < i
      ? [{ ...positionOf([i, 'tenant']), ...REPEATED }]
      : []),
    ...(tenant.durationS === undefined ? [{ ...positionOf([i]), ...NO_DURATION }] : []),
  ]);
  if (found.length > 0) throw new InputError(found);
  const complete = tenants as GeneratedTenant[];
  checkSize(complete, (i) => positionOf([i, 'process']));
  return complete;
}

const REPEATED = { what: 'is the name of an earlier tenant', remedy: 'give each tenant its own name' };
const NO_DURATION = { what: 'has no durationS', remedy: 'write one, or give --duration' };

/** @throws InputError at the tenant with whom it becomes too much */
export function checkSize(tenants: readonly GeneratedTenant[], placeOf: (index: number) => object): void {
  let steps = 0;
  for (const [i, { process, durationS }] of tenants.entries()) {
    steps += expectedSteps(process, durationS);
    if (steps <= MOST_REQUESTS) continue;
    const what = `about ${steps.toPrecision(3)} requests or changes of rate up to here`;
    throw InputError.of(what, `lower the rate or the duration: at most ${MOST_REQUESTS}`, placeOf(i));
  }
}

/** Reads one process, YAML or JSON, such as stands after --process-json. @throws InputError */
export function parseProcess(text: string, name: string): ArrivalProcess {
  const { value, problems } = parseDocumentWith(arrivalProcessSchema, text, { file: name });
  if (value === undefined) throw new InputError(problems);
  return value;
}
