import type { Path } from '../base/path.js';
import { suggest } from '../scenario/check/findings.js';
import type { Scenario } from '../scenario/scenario.js';
import type { ExpectationCase } from './expectations.js';

/** A name in an expectation that the scenario does not have, or a promise that was not made. */
export interface WrongReference {
  /** Below the case. */
  readonly path: Path;
  readonly what: string;
  readonly remedy: string;
}

/** Everything in a case's expectations that its scenario does not know. */
export function wrongReferences({ expect }: ExpectationCase, scenario: Scenario): WrongReference[] {
  const tenants = scenario.tenants.map(({ name }) => name);
  const servers = scenario.servers.map(({ name }) => name);
  const devices = scenario.servers.flatMap((server) =>
    server.devices.map((device) => `${server.name}/${device.name}`),
  );
  return expect.flatMap((expectation, i) => {
    const { tenant, device, server } = expectation;
    const path = ['expect', i];
    return [
      ...missing(tenant, tenants, 'tenant', path),
      ...missing(device, devices, 'device', path),
      ...missing(server, servers, 'server', path),
      ...(isWithoutSlo(scenario, expectation) ? [noSlo(path, tenant)] : []),
      ...(needsDevice(expectation.metric) && devices.length === 0
        ? [{ path, what: 'the scenario has no device', remedy: 'write hostUtilisation for its hosts' }]
        : []),
    ];
  });
}

function missing(
  name: string | undefined,
  known: readonly string[],
  what: string,
  path: Path,
): WrongReference[] {
  if (name === undefined || known.includes(name)) return [];
  return [{ path: [...path, what], what: `there is no ${what} "${name}"`, remedy: suggest(name, known) }];
}

type OneExpectation = ExpectationCase['expect'][number];

function isWithoutSlo({ tenants }: Scenario, { slo, metric, tenant }: OneExpectation): boolean {
  if (slo === undefined && metric !== 'attainment') return false;
  const about = tenants.filter(({ name }) => tenant === undefined || name === tenant);
  // A tenant that is not known has been reported; of all tenants one with a promise is enough for slo.
  if (about.length === 0) return false;
  return slo === undefined
    ? about.some((one) => one.slo === undefined)
    : about.every((one) => one.slo === undefined);
}

function noSlo(path: Path, tenant: string | undefined): WrongReference {
  const who = tenant === undefined ? 'a tenant that this is about' : `"${tenant}"`;
  return { path, what: `${who} has no SLO`, remedy: 'name a tenant with one, or write slo in the scenario' };
}

function needsDevice(metric: string | undefined): boolean {
  return metric === 'utilisation' || metric === 'memoryHeadroomMb';
}
