import type { ModelConfig } from '../model-config.js';
import type { ModelConfigFields } from '../triton/fields.js';

/** `version_policy` of a config.pbtxt. */
interface VersionPolicy {
  readonly latest?: { readonly num_versions?: number };
  readonly all?: object;
  readonly specific?: { readonly versions?: readonly number[] };
}

/** Which of a model's versions Triton serves; without a policy the newest alone. Ascending, as they are given. */
export function servedVersions(
  { version_policy }: ModelConfigFields,
  versions: readonly { readonly version: number }[],
): readonly number[] {
  const all = versions.map(({ version }) => version);
  const { latest, all: every, specific } = (version_policy ?? {}) as VersionPolicy;
  if (every !== undefined) return all;
  if (specific !== undefined) return all.filter((version) => specific.versions?.includes(version));
  return all.slice(-Math.max(1, latest?.num_versions ?? 1));
}

/** Where it serves several, what of them is not simulated. */
export function severalVersions(served: readonly number[]): readonly string[] {
  if (served.length < 2) return [];
  return [
    `its versions ${served.join(', ')} have instances and memory of their own: one version is simulated`,
  ];
}

/** Steps that ask for a version that is not served: Triton does not load their ensemble. */
export function missingVersions(
  { ensemble }: Pick<ModelConfig, 'ensemble'>,
  servedOf: (model: string) => readonly number[],
): readonly string[] {
  return (ensemble?.steps ?? []).flatMap(({ model, version }) => {
    const served = servedOf(model);
    if (version === undefined || version < 0 || served.length === 0 || served.includes(version)) return [];
    return [
      `Triton does not load it: its step asks for version ${version} of "${model}", which serves ${served.join(', ')}`,
    ];
  });
}
