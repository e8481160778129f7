import type { ScenarioResources } from '../../scenario/resources.js';
import { isRecord, type Plain, type PlainRecord, recordsAt } from '../../sweep/plain.js';

/** What is read from a file that a scenario names. */
export type FileUse = Exclude<keyof ScenarioResources, 'mayBeIdle' | 'memoryBytes'>;

/** Puts other names in the place of all paths of a scenario document, as far as it has the form of one. */
export function renameFiles(document: PlainRecord, rename: (path: string, use: FileUse) => string): void {
  const renameAt = (holder: Plain | undefined, key: string, use: FileUse) => {
    if (isRecord(holder) && typeof holder[key] === 'string') holder[key] = rename(holder[key], use);
  };
  const { profiles } = document;
  if (Array.isArray(profiles))
    for (const [i, path] of profiles.entries())
      if (typeof path === 'string') profiles[i] = rename(path, 'profiles');
  renameAt(document, 'prices', 'prices');
  for (const tenant of recordsAt(document, 'tenants')) {
    if (isRecord(tenant['load'])) renameAt(tenant['load']['trace'], 'file', 'traces');
  }
  for (const server of recordsAt(document, 'servers')) {
    renameAt(server, 'serverProfile', 'serverProfiles');
    for (const model of recordsAt(server, 'models')) renameAt(model, 'config', 'configs');
  }
}
