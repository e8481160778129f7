import { plural } from '../../base/plural.js';
import { printable } from '../../base/printable.js';
import { shellWord } from '../../base/shell-word.js';
import { someOf } from '../../base/some-of.js';
import { REPOSITORIES } from '../../emit/emit.js';
import { REPOSITORY_CLAIM } from '../../emit/kubernetes.js';

/** Repositories, or models, that are named one by one. */
const MOST_NAMED = 8;

export interface EmittedTextOptions {
  /** What writes it with the models' files. Default: the same command with --models. */
  readonly again?: string;
  /** The version folders are copies, not links. Default false. */
  readonly isCopied?: boolean;
}

/** What was written where, and what to do with it, for a terminal; `written` as `writePlacement` gives it. */
export function emittedText(
  out: string,
  written: readonly string[],
  options: EmittedTextOptions = {},
): string {
  const repositories = repositoriesOf(written);
  const names = [...repositories.keys()];
  const manifests = written.filter((path) => path.startsWith('kubernetes/')).length;
  const left = names.length - MOST_NAMED;
  const lines = [
    `wrote ${out}/`,
    ...names
      .slice(0, MOST_NAMED)
      .map((name) => `  ${REPOSITORIES}/${name}/: ${printable(repositories.get(name)!.join(', '))}`),
    ...(left > 0 ? [`  … and ${left} more model ${plural(left, 'repository', 'repositories')}`] : []),
    `  kubernetes/: ${manifests} ${plural(manifests, 'manifest')}`,
    '  placement.csv: which model is where, with its settings',
    '  scenario.yaml: reads this placement back',
    'next',
    ...nextSteps({ ...options, out, written, repository: processRepository(names) }),
    ...balanceSteps(repositories),
  ];
  return `${lines.join('\n')}\n`;
}

/** A repository that one Triton process serves: where a server has slices, each has its own beside the server's. */
function processRepository(names: readonly string[]): string {
  return names.find((name) => !names.some((other) => other.startsWith(`${name}-`))) ?? names[0]!;
}

/** Models of which several servers have a replica: nothing that was written spreads their requests. */
function balanceSteps(repositories: ReadonlyMap<string, readonly string[]>): string[] {
  const names = [...repositories.keys()];
  // Slices of a server have repositories beside its own.
  const servers = names.filter((name) => !names.some((other) => name.startsWith(`${other}-`)));
  const all = servers.flatMap((name) => repositories.get(name)!);
  const shared = [...new Set(all.filter((model, index) => all.indexOf(model) !== index))];
  if (shared.length === 0) return [];
  return [
    `  spread the requests for ${printable(someOf(shared, MOST_NAMED))} over all servers that have the model:`,
    '    routing: in scenario.yaml says how, and the manifests do not do it',
  ];
}

/** The models of each repository, in the order written. */
function repositoriesOf(written: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const path of written) {
    const [top, repository, model, file] = path.split('/');
    if (top !== REPOSITORIES || file !== 'config.pbtxt') continue;
    found.set(repository!, [...(found.get(repository!) ?? []), model!]);
  }
  return found;
}

interface Steps extends EmittedTextOptions {
  readonly out: string;
  readonly written: readonly string[];
  readonly repository: string;
}

function nextSteps(steps: Steps): string[] {
  const {
    out,
    written,
    repository,
    again = 'write this again with --models REPOSITORY',
    isCopied = false,
  } = steps;
  const hasVersions = written.some((path) => path.startsWith(REPOSITORIES) && /\/\d+$/.test(path));
  const links = hasVersions && !isCopied ? ' (links followed: cp -rL)' : '';
  const lines = [
    ...(hasVersions
      ? []
      : [
          'put the version folders (1/ with the model file) of each model beside its config.pbtxt,',
          `  or ${again}, which takes them from there`,
        ]),
    `one server: tritonserver --model-repository=${shellWord(`${out}/${REPOSITORIES}/${repository}`)}`,
    '  and the other args in kubernetes/: threads, cache and rate limiter are simulated with them',
    `a cluster: copy ${REPOSITORIES}/ to the volume of the claim ${REPOSITORY_CLAIM}${links},`,
    `  then kubectl apply -f ${shellWord(`${out}/kubernetes`)}`,
    `predict it: perseus simulate ${shellWord(`${out}/scenario.yaml`)}`,
  ];
  return lines.map((line) => `  ${line}`);
}
