import { quotedYaml } from '../base/yaml-text.js';
import { CPU_KIND } from '../profile/host-cores.js';
import { knownMemoryMb } from '../scenario/gpu-kinds.js';
import type { SurveyedModel } from '../scenario/repository/survey-folder.js';
import { answerLines, answerPoints } from '../scenario/starter/answers.js';
import { entryModels } from '../scenario/starter/callers.js';
import { chooseGpu } from '../scenario/starter/choose-gpu.js';
import { chooseProfiles, type ProfileChoice } from '../scenario/starter/choose-profiles.js';
import {
  ANY_PROFILES,
  alikePoints,
  type Draft,
  type DraftOptions,
  entryOf,
  isTimed,
  type OpenPoint,
  ratesPoint,
  sequencePoints,
  tokenPoints,
} from '../scenario/starter/draft.js';
import { callPoints, completedPoints, pairPoints, profilePoints } from '../scenario/starter/model-points.js';
import { placeholderFile } from '../scenario/starter/placeholder-profile.js';
import {
  callLines,
  configLines,
  engineLine,
  type StarterEntry,
  tenantLines,
  toSettle,
  usesGpu,
} from '../scenario/starter/starter.js';
import { KNOWN_GPUS, knownGpu } from '../sweep/known-gpus.js';

/** A first plan for the models of repositories: on which machines they may run, and all that was guessed. */
export function draftPlan(options: DraftOptions): Draft {
  const { survey } = options;
  const { models } = survey;
  const kinds = gpuKinds(options, models);
  const served = models.map((model) => ({
    model,
    choices: isTimed(model) ? choicesOf(model, kinds.names, options) : [],
  }));
  const entries = entryModels(models).map((model) => entryOf(model, models));
  const openPoints = [
    ...(kinds.isGuess
      ? [{ what: `kind of GPU: ${kinds.names[0]} is a guess`, supply: 'name yours with --gpu KIND' }]
      : []),
    ...kinds.alikePoints,
    ...kinds.names
      .filter((kind) => knownGpu(kind) === undefined)
      .map((kind) => ({
        what: `price of a machine with ${kind}: $1 an hour is a guess`,
        supply: 'correct usdPerHour: under machines',
      })),
    ...served.flatMap(({ model, choices }) => pointsOf(model, choices, kinds.names, options)),
    ...kinds.names.flatMap((kind, i) => {
      const chosen = served.flatMap(({ model, choices }) => {
        const choice = usesGpu(model.config) ? choices[i] : undefined;
        return choice === undefined ? [] : [{ model, choice }];
      });
      return pairPoints(chosen, kind, options);
    }),
    ...entries.flatMap(sequencePoints),
    ...entries.flatMap(tokenPoints),
    ...models.flatMap((model) => [...answerPoints(model, 'plan'), ...callPoints(model, 'plan')]),
    ratesPoint(entries, 'plan'),
  ];
  const leftOut = survey.leftOut.map(({ name, problems }) => ({
    model: name,
    reason: problems.map(({ what }) => what).join('; '),
  }));
  const placeholders = served
    .flatMap(({ choices }) => choices.flatMap((choice) => choice.placeholders))
    .filter((profile) => !options.profiles.own.includes(profile));
  return {
    text: planText({ options, kinds: kinds.names, served, entries, openPoints, leftOut }),
    placeholders: new Map(placeholders.map((profile) => [placeholderFile(profile), profile])),
    models: models.map(({ name }) => name),
    entries: entries.map(({ model }) => model),
    openPoints,
    remarks: models.flatMap(({ name, remarks }) => remarks.map((remark) => ({ model: name, remark }))),
    leftOut,
    survey,
  };
}

interface PlannedKinds {
  readonly names: readonly string[];
  readonly isGuess: boolean;
  readonly alikePoints: readonly OpenPoint[];
}

/** What was asked for or measured here; else each kind of which all models have a profile, where its price is known or it is theirs. */
function gpuKinds({ gpus = [], profiles }: DraftOptions, models: readonly SurveyedModel[]): PlannedKinds {
  const onGpu = models.filter((model) => isTimed(model) && usesGpu(model.config));
  if (onGpu.length === 0) return { names: [], isGuess: false, alikePoints: [] };
  const configs = models.map(({ config }) => config);
  const chosen = (gpus.length > 0 ? gpus : [undefined]).map((asked) => chooseGpu(asked, configs, profiles));
  const names = [...new Set(chosen.map(({ kind }) => kind))];
  const points = chosen.flatMap(({ kind, alike = [] }) => alikePoints(kind, alike));
  if (!chosen.some(({ isGuess }) => isGuess)) return { names, isGuess: false, alikePoints: points };
  const measured = profiles.own.map(({ device }) => device).filter((kind) => kind !== CPU_KIND);
  const complete = [...new Set([...Object.keys(KNOWN_GPUS), ...measured])].filter((kind) =>
    onGpu.every((model) => choiceOn(model, kind, profiles).placeholders.length === 0),
  );
  return complete.length > 0
    ? { names: complete, isGuess: false, alikePoints: points }
    : { names, isGuess: true, alikePoints: points };
}

/** As in a scenario, but that a plan has no instances on the cores of a machine with a GPU. */
function choiceOn(
  { config, engine }: SurveyedModel,
  kind: string,
  profiles: DraftOptions['profiles'],
): ProfileChoice {
  const groups = config.instanceGroups.filter((group) => kind === CPU_KIND || group.kind !== 'KIND_CPU');
  return chooseProfiles({ ...config, instanceGroups: groups }, kind, profiles, engine);
}

function choicesOf(
  model: SurveyedModel,
  kinds: readonly string[],
  { profiles }: DraftOptions,
): readonly ProfileChoice[] {
  const devices = usesGpu(model.config) ? kinds : [CPU_KIND];
  return devices.map((kind) => choiceOn(model, kind, profiles));
}

function pointsOf(
  model: SurveyedModel,
  choices: readonly ProfileChoice[],
  kinds: readonly string[],
  options: DraftOptions,
): readonly OpenPoint[] {
  const { name, config } = model;
  const isUncounted =
    usesGpu(config) && choices.some(({ standIns }) => standIns.some(({ profile }) => !profile.memory.known));
  return [
    ...choices.flatMap((choice, i) =>
      profilePoints(model, choice, kinds[i] ?? CPU_KIND, options, choices.length === 1),
    ),
    ...completedPoints(model),
    ...(isUncounted
      ? [
          {
            what: `${name}: its GPU memory is not known`,
            supply: 'write memoryMb: beside its profile:, in MiB',
          },
        ]
      : []),
  ];
}

interface PlanParts {
  readonly options: DraftOptions;
  readonly kinds: readonly string[];
  readonly served: readonly { readonly model: SurveyedModel; readonly choices: readonly ProfileChoice[] }[];
  readonly entries: readonly StarterEntry[];
  readonly openPoints: Draft['openPoints'];
  readonly leftOut: Draft['leftOut'];
}

function planText({ options, kinds, served, entries, openPoints, leftOut }: PlanParts): string {
  const profiles = served.flatMap(({ choices }) => choices);
  const hasOwn =
    options.profiles.own.length > 0 || profiles.some(({ placeholders }) => placeholders.length > 0);
  const folders = new Set(
    profiles.flatMap(({ standIns }) => standIns.map(({ folder }) => `shipped:${folder}`)),
  );
  const named = [...(hasOwn ? [options.profileFolder] : []), ...[...folders].sort()];
  return [
    '# A first plan. It asks: on which machines do these models meet their SLOs at the lowest cost?',
    '# Answer it with: perseus plan THIS_FILE',
    ...toSettle({ leftOut, openPoints }),
    'plan: 1',
    `name: ${quotedYaml(options.name)}`,
    `durationS: ${entries.some(({ hasTokens }) => hasTokens) ? LONG_S : SHORT_S}`,
    `profiles: [${(named.length > 0 ? named : [ANY_PROFILES]).map(quotedYaml).join(', ')}]`,
    '',
    'machines:',
    ...(kinds.length === 0 ? [HOST] : kinds.flatMap((kind) => machineLines(kind, kinds))),
    '',
    '# Names of the repository. The plan decides batch sizes, delays and instances.',
    'models:',
    ...served.flatMap(({ model, choices }) => modelLines(model, choices, options)),
    '',
    '# One tenant for each model that clients call. Rates and SLOs are placeholders: write your own.',
    'tenants:',
    ...entries.flatMap(tenantLines),
    '',
  ].join('\n');
}

/** Language models take seconds for an answer, and what is counted must be many times as long as any limit. */
const SHORT_S = 20;
const LONG_S = 180;

const HOST =
  '  - {name: host, gpu: CPU, cpuCores: 4, machine: {kind: a host of 4 cores, usdPerHour: 0.20}}   # a guess';

function machineLines(kind: string, kinds: readonly string[]): readonly string[] {
  const { machine = { kind: `a machine with ${kind}`, usdPerHour: 1 } } = knownGpu(kind) ?? {};
  const short = shortName(kind);
  const isTaken = kinds.some((other) => other !== kind && shortName(other) === short);
  const name = (isTaken ? longName(kind) : short) || 'gpu';
  return [
    `  - name: ${quotedYaml(name)}`,
    `    gpu: ${quotedYaml(kind)}`,
    ...(knownMemoryMb(kind) === undefined ? ['    memoryMb: 16384   # a guess: nvidia-smi shows it'] : []),
    `    machine: ${JSON.stringify(machine)}`,
    '    # cpuCores: 8   # of one machine; left out: the host never limits',
  ];
}

function shortName(kind: string): string {
  return kind.toLowerCase().match(/[a-z]+\d+/)?.[0] ?? longName(kind);
}

function longName(kind: string): string {
  return kind.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

function modelLines(
  model: SurveyedModel,
  choices: readonly ProfileChoice[],
  { configPath }: DraftOptions,
): readonly string[] {
  const { name, inline, calls, engine } = model;
  const names = [...new Set(choices.flatMap((choice) => namesOf(name, choice)))];
  const isOwn = names.every((each) => each === name);
  return [
    `  - name: ${quotedYaml(name)}`,
    ...(isOwn ? [] : [`    profile: [${names.map(quotedYaml).join(', ')}]   # a stand-in`]),
    ...[
      ...configLines(inline === undefined ? { configPath: configPath(model) } : { inline }),
      ...(engine === undefined ? [] : [engineLine(engine)]),
      ...answerLines(model),
      ...(calls === undefined ? [] : callLines(calls)),
    ].map((line) => line.slice(SCENARIO_INDENT)),
  ];
}

/** How much further models of a scenario stand to the right. */
const SCENARIO_INDENT = 4;

function namesOf(model: string, { standIns }: ProfileChoice): readonly string[] {
  return standIns.length === 0 ? [model] : standIns.map(({ profile }) => profile.model);
}
