import type { ScenarioResources } from '../../scenario/resources.js';
import type { ScenarioSpec } from '../../scenario/spec.js';
import { encodeValue } from '../../sweep/content.js';
import type { DetachedScenario } from '../../sweep/detached.js';
import { copyPlain, type PlainRecord, recordsAt } from '../../sweep/plain.js';
import { renameFiles } from '../scenario/named-files.js';
import type { Library } from './content-library.js';

/** The document of a point, and what came of its check. */
interface CheckedPoint {
  readonly document: PlainRecord;
  readonly spec: ScenarioSpec;
  readonly scenario: DetachedScenario;
}

/**
 * The document for a machine that has none of its files, as a text: hashes of their content stand for their paths, and machines
 * have their prices. Checked again it gives the same point.
 */
export function portablePoint({ document, spec, scenario }: CheckedPoint, names: FileNames): string {
  const portable = copyPlain(document) as PlainRecord;
  renameFiles(portable, (path) => names.get(path) ?? path);
  delete portable['prices'];
  let next = 0;
  for (const [i, server] of recordsAt(portable, 'servers').entries()) {
    server['machine'] = copyPlain(scenario.servers[next]!.machine);
    next += spec.servers[i]!.replicas;
  }
  return encodeValue(portable);
}

/** Hashes of the content of files, by their paths. */
type FileNames = ReadonlyMap<string, string>;

/** Puts all that was read for points into the library, and says under which names. */
export function addFiles(
  { profiles, serverProfiles = new Map(), traces }: ScenarioResources,
  library: Library,
): FileNames {
  const names = new Map<string, string>();
  for (const [path, { value }] of [...profiles, ...serverProfiles])
    if (value !== undefined) names.set(path, library.addFile(value));
  for (const [path, { value }] of traces) if (value !== undefined) names.set(path, library.addTrace(value));
  return names;
}
