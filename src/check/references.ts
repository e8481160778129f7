import type { Path } from '../base/path.js';
import { suggest } from '../scenario/check/findings.js';
import type { ExpectationCase } from './expectations.js';
import type { KnownNames } from './known-names.js';

/** A name in an expectation that the scenario does not have, or an SLO that is not set. */
export interface WrongReference {
  /** Below the case. */
  readonly path: Path;
  readonly what: string;
  readonly remedy: string;
}

/** Everything in a case's expectations that its scenario does not know. */
export function wrongReferences({ expect }: ExpectationCase, known: KnownNames): WrongReference[] {
  const { tenants, servers, devices, models } = known;
  const tenantNames = tenants?.map(({ name }) => name);
  return expect.flatMap((expectation, i) => {
    const { tenant, device, server, model } = expectation;
    const path = ['expect', i];
    return [
      ...missing(tenant, tenantNames, 'tenant', path),
      ...missing(device, devices, 'device', path),
      ...missing(server, servers, 'server', path),
      ...missing(model, models, 'model', path),
      ...(isWithoutSlo(tenants, expectation) ? [noSlo(path, tenant)] : []),
      ...(needsDevice(expectation.metric) && devices?.length === 0
        ? [{ path, what: 'the scenario has no device', remedy: 'write hostBusyShare for its hosts' }]
        : []),
    ];
  });
}

function missing(
  name: string | undefined,
  known: readonly string[] | undefined,
  what: string,
  path: Path,
): WrongReference[] {
  if (name === undefined || known === undefined || known.includes(name)) return [];
  return [{ path: [...path, what], what: `there is no ${what} "${name}"`, remedy: suggest(name, known) }];
}

type OneExpectation = ExpectationCase['expect'][number];

function isWithoutSlo(tenants: KnownNames['tenants'] = [], { slo, metric, tenant }: OneExpectation): boolean {
  if (slo === undefined && metric !== 'attainment') return false;
  const about = tenants.filter(({ name }) => tenant === undefined || name === tenant);
  // A tenant that is not known has been reported; of all tenants one with an SLO is enough for slo.
  if (about.length === 0) return false;
  return slo === undefined ? about.some(({ hasSlo }) => !hasSlo) : about.every(({ hasSlo }) => !hasSlo);
}

function noSlo(path: Path, tenant: string | undefined): WrongReference {
  const who = tenant === undefined ? 'a tenant that this is about' : `"${tenant}"`;
  return { path, what: `${who} has no SLO`, remedy: 'name a tenant with one, or write slo in the scenario' };
}

function needsDevice(metric: string | undefined): boolean {
  return metric === 'busyShare' || metric === 'memoryHeadroomMb';
}
