import { isFolderName } from '../base/file-name.js';
import { ProblemList } from '../base/problem.js';
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

/**
 * Makes sure that every model's name can be that of its folder in a model repository.
 * @throws InputError with each that cannot
 */
export function requireFolderNames({ servers }: ScenarioSpec): void {
  const problems = new ProblemList();
  for (const [s, { models }] of servers.entries()) {
    for (const [m, { name }] of models.entries()) {
      if (isFolderName(name)) continue;
      problems.add({
        path: `servers[${s}].models[${m}].name`,
        what: `"${name}" cannot be the name of a folder`,
        remedy: 'name it without / and \\ and not . or ..',
      });
    }
  }
  problems.throwIfAny();
}
