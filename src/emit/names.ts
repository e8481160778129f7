import { isFolderName } from '../base/file-name.js';
import type { Problem, ProblemList } from '../base/problem.js';
import type { PlanSpec } from '../plan/spec.js';
import type { ScenarioSpec } from '../scenario/spec.js';
import { refusalOfKind } from './kubernetes-names.js';

/** Why a name cannot be emitted, and what to do about it. */
export type Refusal = Pick<Problem, 'what' | 'remedy'>;

/**
 * Adds a problem for each name of a scenario that Triton, Kubernetes or a table would not take as it is meant. Names of servers
 * may be any that can be read: Kubernetes objects have labels that are made of them.
 * @param backendOf what executes a model, where that is known
 */
export function checkNames(
  { servers, tenants }: ScenarioSpec,
  backendOf: (server: number, model: string) => string | undefined,
  problems: ProblemList,
): void {
  const add = adderTo(problems);
  for (const [s, { name, devices, models }] of servers.entries()) {
    add(`servers[${s}].name`, refusalOfText(name));
    for (const [d, device] of devices.entries()) {
      add(`servers[${s}].devices[${d}].name`, refusalOfText(device.name));
      add(`servers[${s}].devices[${d}].kind`, refusalOfText(device.kind) ?? refusalOfKind(device.kind));
    }
    for (const [m, model] of models.entries()) {
      add(`servers[${s}].models[${m}].name`, refusalOfName(model.name, backendOf(s, model.name)));
    }
  }
  for (const [t, { name }] of tenants.entries()) add(`tenants[${t}].name`, refusalOfText(name));
}

/** The same for a plan before it is searched: its names are those of each placement. */
export function checkPlanNames(
  { machines, tenants }: Pick<PlanSpec, 'machines' | 'tenants'>,
  backendOf: (model: string) => string | undefined,
  problems: ProblemList,
): void {
  const add = adderTo(problems);
  for (const [m, { name, gpu }] of machines.entries()) {
    add(`machines[${m}].name`, refusalOfText(name));
    add(`machines[${m}].gpu`, refusalOfText(gpu) ?? refusalOfKind(gpu));
  }
  const models = new Set<string>();
  for (const [t, { name, model }] of tenants.entries()) {
    add(`tenants[${t}].name`, refusalOfText(name));
    if (!models.has(model)) add(`tenants[${t}].model`, refusalOfName(model, backendOf(model)));
    models.add(model);
  }
}

function adderTo(problems: ProblemList) {
  return (path: string, refusal: Refusal | undefined) => {
    if (refusal !== undefined) problems.add({ path, ...refusal });
  };
}

/** Letters, marks, digits, punctuation, symbols and the blank: all others cannot be seen, or end a line for some reader. */
const UNSEEN = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

function refusalOfText(name: string): Refusal | undefined {
  const unseen = UNSEEN.exec(name)?.[0];
  if (unseen === undefined) return undefined;
  const code = unseen.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return {
    what: `"${name}" holds a character that cannot be seen (U+${code})`,
    remedy: 'name it with letters, digits and punctuation only',
  };
}

/** Triton's python backend reads the path of a model as ASCII, under any locale (seen on release 24.10). */
const BEYOND_ASCII = /[^\x20-\x7e]/;

/**
 * What a shell does not take as it stands. Triton's python backend starts its stubs through bash, with the path of the model
 * unquoted: such a model never loads, and the server is never ready (seen on release 24.10). Of `*`, `?` and `[` bash may make
 * the path of another model.
 */
const OF_SHELLS = /[\s"'$&();<>`|*?[\]\\~#!]|\{[^}]*,[^}]*\}/;

/** Longest name of a folder on the file systems of Linux, in bytes. */
const LONGEST_FOLDER_NAME = 255;

/**
 * Why a model's name cannot be that of its folder in a model repository, where it cannot, and what to do about it.
 * @param backend what executes the model, where that is known
 */
function refusalOfName(name: string, backend: string | undefined): Refusal | undefined {
  if (!isFolderName(name)) {
    return {
      what: `"${name}" cannot be the name of a folder`,
      remedy: 'name it without / and \\ and not . or ..',
    };
  }
  return refusalOfText(name) ?? refusalOfTriton(name) ?? refusalOfPython(name, backend);
}

function refusalOfTriton(name: string): Refusal | undefined {
  // ValidateModelName of Triton's model_repository_manager.cc.
  if (name.includes('..'))
    return { what: `Triton does not load "${name}": ".." is in it`, remedy: 'name it without ..' };
  if (name === '*') {
    return {
      what: '"*" is no name to Triton: --load-model=* loads all models of the repository',
      remedy: 'name the model as its folder is called',
    };
  }
  const bytes = encodeURIComponent(name).replace(/%../g, '-').length;
  if (bytes <= LONGEST_FOLDER_NAME) return undefined;
  return {
    what: `"${name}" is too long for the name of a folder (${bytes} bytes)`,
    remedy: `shorten it to ${LONGEST_FOLDER_NAME} bytes`,
  };
}

function refusalOfPython(name: string, backend: string | undefined): Refusal | undefined {
  if (backend !== 'python') return undefined;
  const why = OF_SHELLS.test(name)
    ? 'a shell would not take this name as it stands'
    : BEYOND_ASCII.test(name)
      ? 'not all of its letters are ASCII'
      : undefined;
  if (why === undefined) return undefined;
  return {
    what: `Triton's python backend does not load "${name}": ${why}`,
    remedy: 'name it with the letters a to z, digits, - _ and . only',
  };
}
