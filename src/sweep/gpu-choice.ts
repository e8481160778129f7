import * as z from 'zod';
import { checkAgainst } from '../base/document/schema-problems.js';
import { formatPath } from '../base/path.js';
import { InputError } from '../base/problem.js';
import type { MachinePart } from '../cost/machine-price.js';
import { aboveZero, filePath, name } from '../scenario/spec/values.js';

/** A value of an axis that varies `gpu`, written out. */
const gpuChoiceSchema = z.strictObject({
  kind: name.describe('Kind as the profiles name it.'),
  memoryMb: aboveZero.exactOptional(),
  machine: z
    .record(z.string(), z.unknown())
    .exactOptional()
    .describe('The machine it comes in, as in a scenario. Default: unchanged.'),
  profiles: z
    .union([filePath, z.array(filePath)])
    .transform((paths) => (typeof paths === 'string' ? [paths] : paths))
    .exactOptional()
    .describe('Profile files or folders that are added to those of the scenario.'),
  models: z
    .record(name, name)
    .exactOptional()
    .describe('Profiles that models run as on it, where they are not called the same.'),
});

export type GpuChoice = z.output<typeof gpuChoiceSchema>;

/** Where profiles lie. */
export interface ProfilePlaces {
  /** Makes a path of the sweep file absolute. */
  readonly resolvePath: (path: string) => string;
  /** The place of a folder of `calibration/`. */
  readonly shippedProfiles: (folder: string) => string;
}

/** A machine with its price, or the rows of the price book that it is made of. */
type KnownMachine = {
  readonly kind: string;
  readonly usdPerHour?: number;
  readonly priceSource?: string;
  readonly price?: readonly MachinePart[];
};

/**
 * Kinds of GPU that may be given by name alone: the machine that the price book has for them, and the
 * folder of their profiles below `calibration/`.
 */
const KNOWN: Readonly<Record<string, { folder: string; machine: KnownMachine }>> = {
  'Tesla T4': { folder: 't4', machine: { kind: 'g4dn.xlarge', price: [{ sku: 'g4dn.xlarge' }] } },
  'Tesla P4': {
    folder: 'p4',
    machine: {
      kind: 'n1-custom, 4 vCPU, 15 GiB, 1 x P4',
      price: [
        { sku: 'n1-custom vCPU', region: 'us-east4', count: 4 },
        { sku: 'n1-custom GiB', region: 'us-east4', count: 15 },
        { sku: 'gpu-P4' },
      ],
    },
  },
  'V100-32GB': {
    folder: 'v100-32gb',
    machine: { kind: 'one V100-32GB', usdPerHour: 3.06, priceSource: 'price of p3.2xlarge, which has 16 GB' },
  },
  'A100-80GB': {
    folder: 'a100-80gb',
    machine: { kind: 'a2-ultragpu-1g', price: [{ sku: 'a2-ultragpu-1g' }] },
  },
};

/** The machine that a single GPU of this kind is usually rented in, where the price book knows one by name. */
export function knownMachine(kind: string): KnownMachine | undefined {
  return Object.hasOwn(KNOWN, kind) ? KNOWN[kind]!.machine : undefined;
}

/**
 * The choice that a value of a `gpu` axis stands for.
 * @throws InputError when it is none
 */
export function gpuChoiceOf(value: unknown, { resolvePath, shippedProfiles }: ProfilePlaces): GpuChoice {
  if (typeof value === 'string') {
    const known = Object.hasOwn(KNOWN, value) ? KNOWN[value] : undefined;
    if (known !== undefined)
      return { kind: value, machine: known.machine, profiles: [shippedProfiles(known.folder)] };
    throw InputError.of(
      `no machine and profiles are known for "${value}"`,
      `write {kind: ${value}, machine: …, profiles: …}, or one of ${Object.keys(KNOWN).join(', ')}`,
    );
  }
  const checked = checkAgainst(gpuChoiceSchema, value);
  if (checked.value !== undefined) {
    const { profiles, ...choice } = checked.value;
    return { ...choice, ...(profiles && { profiles: profiles.map(resolvePath) }) };
  }
  throw new InputError(
    checked.problems.map(({ path, what, remedy }) => ({
      what: path.length === 0 ? what : `${formatPath(path)} ${what}`,
      ...(remedy === undefined ? {} : { remedy }),
    })),
  );
}
