import { isAllowed, OPTIONAL_COLUMN_SPECS } from '../../src/trace/columns.js';
import { describeTrace } from '../../src/trace/describe.js';
import { OPTIONAL_COLUMNS, type Trace, traceLength } from '../../src/trace/trace.js';
import { demand } from './family.js';
import { findWrongNumber } from './numbers.js';

/** Checks everything that the type `Trace` promises, and that it can be described. @throws Violation */
export function checkTrace(trace: Trace): void {
  const length = traceLength(trace);
  demand(trace.arrivalUs instanceof Float64Array, 'arrivals are no Float64Array');
  demand(trace.tenant instanceof Uint16Array && trace.tenant.length === length, 'the tenant column is wrong');
  checkArrivals(trace);
  checkTenants(trace);
  for (const key of OPTIONAL_COLUMNS) {
    const values = trace[key];
    if (values === undefined) continue;
    const spec = OPTIONAL_COLUMN_SPECS[key];
    demand(values.constructor === spec.create(0).constructor && values.length === length, `${key} is wrong`);
    demand(
      values.every((value: number) => isAllowed(spec, value)),
      `${key} holds what is not ${spec.meaning}`,
    );
  }
  const wrong = findWrongNumber(describeTrace(trace), { infinite: true });
  demand(wrong === undefined, `the description has ${wrong}`);
}

function checkArrivals({ arrivalUs, durationUs }: Trace): void {
  let last = 0;
  for (const us of arrivalUs) {
    demand(Number.isSafeInteger(us) && us >= last, `the arrival ${us} follows ${last}`);
    last = us;
  }
  demand(Number.isSafeInteger(durationUs) && durationUs >= last, `it lasts ${durationUs} up to ${last}`);
}

function checkTenants({ tenants, tenant }: Trace): void {
  demand(new Set(tenants).size === tenants.length, 'a tenant comes twice');
  demand(
    tenants.every((name) => typeof name === 'string' && name !== ''),
    'a tenant has no name',
  );
  demand(
    tenant.every((index) => index < tenants.length),
    'a request has no tenant',
  );
}

/** Checks that two traces are the same, row by row. @throws Violation */
export function demandSameTrace(a: Trace, b: Trace, how: string): void {
  demand(a.durationUs === b.durationUs && a.source === b.source, `${how}: another length or source`);
  demand(sameColumn(a.tenants, b.tenants) && sameColumn(a.tenant, b.tenant), `${how}: other tenants`);
  demand(sameColumn(a.arrivalUs, b.arrivalUs), `${how}: other arrivals`);
  for (const key of OPTIONAL_COLUMNS) demand(sameColumn(a[key], b[key]), `${how}: another ${key}`);
}

function sameColumn<T>(a: ArrayLike<T> | undefined, b: ArrayLike<T> | undefined): boolean {
  // A text file without rows cannot tell an empty column from none.
  if (a === undefined || b === undefined) return (a?.length ?? 0) === (b?.length ?? 0);
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
