import * as z from 'zod';
import type { Path } from '../base/path.js';
import { changeSchema } from './spec/change-spec.js';
import { type ReadDocument, readDocument } from './spec/read-document.js';
import { serverSchema } from './spec/server-spec.js';
import { TENANT_RULES } from './spec/tenant-rules.js';
import { tenantSchema } from './spec/tenant-spec.js';
import type { TenantTable } from './spec/tenant-table.js';
import { filePath, name, seconds, secondsAboveZero, seed } from './spec/values.js';

/** One measured figure of a tenant; latencies in milliseconds, throughput in requests per second. */
const measuredFigureSchema = z.strictObject({
  tenant: name.describe('Tenant of the scenario.'),
  metric: z
    .enum(['meanMs', 'p25Ms', 'p50Ms', 'p75Ms', 'p90Ms', 'p95Ms', 'p99Ms', 'throughputPerS'])
    .describe('Latency in milliseconds, or requests per second.'),
  value: z
    .number()
    .positive('is not positive; write a number above 0')
    .max(1e12, 'is no measurement')
    .describe('In the unit of the metric.'),
  source: name.describe('Where it was measured.'),
});

/**
 * A scenario file as it is written: YAML or JSON. References are names and paths; `checkScenario`
 * resolves them into a `Scenario`. Defaults that do not depend on anything else are filled in.
 */
export const scenarioSpecSchema = z
  .strictObject({
    perseus: z.literal(1, 'is no version of this format; write 1').describe('Version of this format.'),
    name: name.describe('What reports call it.'),
    seed: seed.default(1).describe('Everything random is drawn from it.'),
    durationS: secondsAboveZero
      .exactOptional()
      .describe('Length of the run. Default: the longest trace, where every load is a trace.'),
    warmUpS: seconds.default(0).describe('Requests planned before this are not counted.'),
    profiles: z
      .array(filePath)
      .min(1, 'is empty; write profile files or folders of them')
      .describe('Profile files, folders of *.profile.json, or those that perseus ships, such as shipped:t4.'),
    prices: filePath
      .exactOptional()
      .describe('Price book of the machines. Default: the one that perseus ships.'),
    servers: z
      .array(serverSchema)
      .min(1, 'is empty; write at least one server')
      .describe('Triton servers, each with its GPUs and models.'),
    tenants: z
      .array(tenantSchema)
      .default([])
      .describe('Who sends requests, to which model, and under which SLOs.'),
    tenantsFile: filePath.exactOptional().describe('CSV table of more tenants, one a row.'),
    changes: z
      .array(changeSchema)
      .max(10_000, 'has too many changes')
      .exactOptional()
      .describe('Instances, devices and servers that come or go in the middle of the run. Default: none.'),
    measured: z
      .array(measuredFigureSchema)
      .exactOptional()
      .describe('What was measured in such a set-up, to be shown beside what is predicted.'),
  })
  .refine(({ tenants, tenantsFile }) => tenants.length > 0 || tenantsFile !== undefined, {
    path: ['tenants'],
    message: 'is empty; write at least one tenant',
  })
  .meta({ anyOf: [{ required: ['tenants'] }, { required: ['tenantsFile'] }] });

/** A scenario file as the schema reads it, defaults filled in. */
export type ScenarioSpec = z.output<typeof scenarioSpecSchema>;
/** A scenario file as it was read, before its parts are checked against each other. */
export type ScenarioDocument = ReadDocument<ScenarioSpec>;

/** Reads the text of a scenario file. Never throws: what is wrong is in `problems`. */
export function parseScenarioSpec(text: string, options: { readonly file?: string } = {}): ScenarioDocument {
  return readDocument(scenarioSpecSchema, TENANT_RULES, text, { ...options, kind: 'scenario' });
}

/** A file that may name a table of more tenants: a scenario or a plan, as it was read. */
export interface TenantsDocument extends Pick<ScenarioDocument, 'problems' | 'positionOf'> {
  readonly spec?: { readonly tenants: readonly object[]; readonly tenantsFile?: string };
}

/** The document with the tenants of its table after its own. */
export function withTenantTable<Document extends TenantsDocument>(
  document: Document,
  table: TenantTable,
): Document {
  const { spec, positionOf } = document;
  if (spec === undefined) return document;
  const own = spec.tenants.length;
  return {
    ...document,
    spec: { ...spec, tenants: [...spec.tenants, ...table.tenants] },
    problems: [...document.problems, ...table.problems],
    positionOf: (path: Path) => {
      const [list, index, ...rest] = path;
      const isOfTable = list === 'tenants' && typeof index === 'number' && index >= own;
      return isOfTable ? table.placeOf(index - own, rest) : positionOf(path);
    },
  };
}
