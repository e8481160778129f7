import { isFolderName } from '../base/file-name.js';
import { type Problem, ProblemList } from '../base/problem.js';
import type { ScenarioSpec } from '../scenario/spec.js';

/**
 * A name as a DNS label (RFC 1035), as Kubernetes wants the names of services: lower case, digits and
 * hyphens, a letter first, at most 63 characters.
 */
function dnsLabel(name: string): string {
  const label = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_LABEL)
    .replace(/^-+|-+$/g, '');
  if (label === '') return 'server';
  return /^[a-z]/.test(label) ? label : `s-${label}`;
}

/** Room for a number after it. */
const LONGEST_LABEL = 50;

/** A DNS label of its own for each name, in the same order; those that would be equal get numbers. */
export function distinctLabels(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const wanted = dnsLabel(name);
    let label = wanted;
    for (let i = 2; taken.has(label); i++) label = `${wanted}-${i}`;
    taken.add(label);
    return label;
  });
}

/** Triton's python backend reads the path of a model as ASCII, under any locale (seen on release 24.10). */
const BEYOND_ASCII = /[^\x20-\x7e]/;

/**
 * What a shell does not take as it stands. Triton's python backend starts its stubs through bash, with the path of the model
 * unquoted: such a model never loads, and the server is never ready (seen on release 24.10).
 */
const OF_SHELLS = /[\s"'$&();<>`|]|\{[^}]*,[^}]*\}/;

/**
 * Makes sure that every model's name can be that of its folder in a model repository, from which its backend loads it.
 * @param backendOf what executes a model, where that is known
 * @throws InputError with each that cannot
 */
export function requireFolderNames(
  { servers }: ScenarioSpec,
  backendOf: (server: number, model: string) => string | undefined,
): void {
  const problems = new ProblemList();
  for (const [s, { models }] of servers.entries()) {
    for (const [m, { name }] of models.entries()) {
      const refusal = refusalOfName(name, backendOf(s, name));
      if (refusal !== undefined) problems.add({ path: `servers[${s}].models[${m}].name`, ...refusal });
    }
  }
  problems.throwIfAny();
}

/**
 * Why a model's name cannot be that of its folder in a model repository, where it cannot, and what to do about it.
 * @param backend what executes the model, where that is known
 */
export function refusalOfName(
  name: string,
  backend: string | undefined,
): Pick<Problem, 'what' | 'remedy'> | undefined {
  if (!isFolderName(name)) {
    return {
      what: `"${name}" cannot be the name of a folder`,
      remedy: 'name it without / and \\ and not . or ..',
    };
  }
  const why = backend === 'python' ? refusalOfPython(name) : undefined;
  if (why === undefined) return undefined;
  return {
    what: `Triton's python backend does not load "${name}": ${why}`,
    remedy: 'name it with the letters a to z, digits, - _ and . only',
  };
}

function refusalOfPython(name: string): string | undefined {
  if (OF_SHELLS.test(name)) return 'a shell would not take this name as it stands';
  return BEYOND_ASCII.test(name) ? 'not all of its letters are ASCII' : undefined;
}
