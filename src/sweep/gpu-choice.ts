import * as z from 'zod';
import { checkAgainst } from '../base/document/schema-problems.js';
import { formatPath } from '../base/path.js';
import { InputError } from '../base/problem.js';
import { aboveZero, filePath, name } from '../scenario/spec/values.js';
import { KNOWN_GPUS, knownGpu } from './known-gpus.js';

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

export interface ProfilePlaces {
  /** Makes a path of the sweep file absolute. */
  readonly resolvePath: (path: string) => string;
  /** The place of a folder of `calibration/`. */
  readonly shippedProfiles: (folder: string) => string;
}

/**
 * The choice that a value of a `gpu` axis stands for.
 * @throws InputError when it is none
 */
export function gpuChoiceOf(value: unknown, { resolvePath, shippedProfiles }: ProfilePlaces): GpuChoice {
  if (typeof value === 'string') {
    const known = knownGpu(value);
    if (known !== undefined)
      return { kind: value, machine: known.machine, profiles: [shippedProfiles(known.folder)] };
    throw InputError.of(
      `no machine and profiles are known for "${value}"`,
      `write {kind: ${value}, machine: …, profiles: …}, or one of ${Object.keys(KNOWN_GPUS).join(', ')}`,
    );
  }
  const checked = checkAgainst(gpuChoiceSchema, value);
  if (checked.value !== undefined) {
    const { profiles, ...choice } = checked.value;
    return { ...choice, ...(profiles && { profiles: profiles.map(resolvePath) }) };
  }
  throw new InputError(
    checked.problems.map(({ path, atKey: _, ...mistake }) => ({
      ...mistake,
      what: path.length === 0 ? mistake.what : `${formatPath(path)} ${mistake.what}`,
    })),
  );
}
