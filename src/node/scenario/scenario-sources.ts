import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { encodeValue } from '../../sweep/content.js';
import { isShipped, placeOfNamed } from '../files/named-path.js';
import { readProfiles } from './profile-files.js';

/** The scenario of a run folder as plain data, of whatever form, and the folder. */
export interface FiledScenario {
  readonly folder: string;
  readonly scenario: unknown;
}

/**
 * The scenarios of two folders with their profiles and traces named by where they lie from here. A file
 * of the second that holds what one of the first holds has its name, so that only other content is
 * another name. What cannot be read keeps the name that it has.
 */
export async function nameByContent(
  a: FiledScenario,
  b: FiledScenario,
): Promise<readonly [unknown, unknown]> {
  const namesOfContent = new Map<string, string>();
  const named = async ({ folder, scenario }: FiledScenario) => {
    const names = new Map<string, string>();
    for (const path of sourcesOf(scenario)) {
      const place = placeOfNamed(path, folder);
      const content = await contentOf(place);
      if (content === undefined) continue;
      if (!namesOfContent.has(content)) namesOfContent.set(content, place);
      names.set(path, namesOfContent.get(content)!);
    }
    return withSources(scenario, (path) => names.get(path) ?? path);
  };
  return [await named(a), await named(b)];
}

/** The hash of a file, or of profiles with what is known of their server; undefined where it cannot be read. */
async function contentOf(path: string): Promise<string | undefined> {
  try {
    const isFile = !isShipped(path) && !/[*?]|\.profile\.json$/.test(path) && (await stat(path)).isFile();
    const content = isFile ? await readFile(path) : encodeValue(await profilesIn(path));
    return createHash('sha256').update(content).digest('hex');
  } catch {
    return undefined;
  }
}

async function profilesIn(path: string) {
  return (await readProfiles([path])).map(({ profile }) => profile);
}

function sourcesOf(scenario: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  withSources(scenario, (path) => {
    found.add(path);
    return path;
  });
  return found;
}

/** The scenario with its profiles, server profiles and trace files renamed, as far as it has the form of one. */
function withSources(scenario: unknown, rename: (path: string) => string): unknown {
  const renamed = (value: unknown) => (typeof value === 'string' ? rename(value) : value);
  const list = (value: unknown, change: (entry: unknown) => unknown) =>
    Array.isArray(value) ? value.map(change) : value;
  const profiled = withField(scenario, 'profiles', (profiles) => list(profiles, renamed));
  return withField(
    withField(profiled, 'servers', (servers) =>
      list(servers, (server) => withField(server, 'serverProfile', renamed)),
    ),
    'tenants',
    (tenants) =>
      list(tenants, (tenant) =>
        withField(tenant, 'load', (load) =>
          withField(load, 'trace', (trace) => withField(trace, 'file', renamed)),
        ),
      ),
  );
}

function withField(value: unknown, key: string, change: (value: unknown) => unknown): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return value;
  return { ...value, [key]: change((value as Record<string, unknown>)[key]) };
}
