import * as z from 'zod';
import { parseDocumentWith } from '../base/document.js';
import type { Scenario } from '../scenario/scenario.js';

/** What expectations may name. A list is missing where it cannot be known. */
export interface KnownNames {
  readonly tenants?: readonly { readonly name: string; readonly hasSlo: boolean }[];
  readonly servers?: readonly string[];
  /** As `server/device`. */
  readonly devices?: readonly string[];
  /** As `server/model`. */
  readonly models?: readonly string[];
}

export function namesOf({ tenants, servers }: Scenario): KnownNames {
  return {
    tenants: tenants.map(({ name, slo }) => ({ name, hasSlo: slo !== undefined })),
    servers: servers.map(({ name }) => name),
    devices: servers.flatMap(({ name, devices }) => devices.map((device) => `${name}/${device.name}`)),
    models: servers.flatMap(({ name, models }) => models.map(({ config }) => `${name}/${config.name}`)),
  };
}

const named = z.looseObject({ name: z.string() });
const oneServer = named.extend({ replicas: z.literal(1).optional() });
const wholeDevice = named.extend({ mig: z.undefined().optional() });

/**
 * The names in the text of a scenario that has mistakes, where they stand as they are: those of replicas and of MIG
 * slices are made when a scenario is read.
 */
export function namesWritten(text: string): KnownNames {
  const { value } = parseDocumentWith(z.looseObject({}), text);
  const list = <Entry extends z.ZodType>(entry: Entry, key: string) =>
    z.array(entry).safeParse(value?.[key]).data;
  const tenants = list(named, 'tenants')?.map(({ name, slo }) => ({ name, hasSlo: slo !== undefined }));
  const servers = list(oneServer, 'servers')?.map(({ name }) => name);
  const withDevices = list(oneServer.extend({ devices: z.array(wholeDevice).default([]) }), 'servers');
  const devices = withDevices?.flatMap((server) =>
    server.devices.map(({ name }) => `${server.name}/${name}`),
  );
  return { ...(tenants && { tenants }), ...(servers && { servers }), ...(devices && { devices }) };
}
