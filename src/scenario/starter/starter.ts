import { printable } from '../../base/printable.js';
import { quotedYaml, yamlText } from '../../base/yaml-text.js';
import { knownMemoryMb } from '../gpu-kinds.js';
import type { ModelConfig } from '../model-config.js';
import type { SurveyedEngine } from '../repository/engine.js';
import type { PythonCalls } from '../repository/python-calls.js';
import type { SurveyedModel } from '../repository/survey-folder.js';
import { answerLines } from './answers.js';
import { doubtOfStandIn, type StandIn } from './stand-in.js';

export interface StarterOptions {
  readonly name: string;
  /** Kind of GPU as profiles name it. */
  readonly gpu: string;
  /** Nobody has said that it is this one. */
  readonly isGuess: boolean;
  /** Folders of profiles, as the scenario names them. */
  readonly profiles: readonly string[];
  readonly models: readonly StarterModel[];
  /** The models that have a tenant. */
  readonly entries: readonly StarterEntry[];
  /** Models that are not in the scenario, and why. */
  readonly leftOut: readonly { readonly model: string; readonly reason: string }[];
  /** What nobody has told, and what would supply it. */
  readonly openPoints: readonly { readonly what: string; readonly supply: string }[];
}

export interface StarterEntry {
  readonly model: string;
  /** Present: its tenant sends sequences. */
  readonly sequences?: GuessedSequences;
  /** Its requests have tokens. */
  readonly hasTokens?: boolean;
}

/** A guess: nobody has told what sequences are like. */
export interface GuessedSequences {
  readonly requests: number;
  readonly gapMs: number;
}

export interface StarterModel extends SurveyedModel {
  /** Path of its config.pbtxt, relative to the scenario; absent where the fields are written inline. */
  readonly configPath?: string;
  /** What stands in for a profile of its own. */
  readonly standIn?: StandIn;
}

/** Text of a scenario to edit: one server with every model, a tenant for each that clients call, with comments. */
export function starterScenario(options: StarterOptions): string {
  return [
    '# A first scenario. It asks: what would these models do together on one server?',
    '# Check it and run it with: perseus simulate THIS_FILE',
    ...toSettle(options),
    'perseus: 1',
    `name: ${scalar(options.name)}`,
    'seed: 1',
    'durationS: 120',
    'warmUpS: 10        # requests planned before this are not counted',
    `profiles: [${options.profiles.map(scalar).join(', ')}]`,
    '',
    'servers:',
    '  - name: server',
    '    # machine: {usdPerHour: 1}   # your price; left out: no costs',
    '    # cpuCores: 8                # left out: the host never limits',
    ...cacheLines(options),
    ...deviceLines(options),
    '    models:',
    ...options.models.flatMap(modelLines),
    '',
    '# One tenant for each model that clients call. Rates and SLOs are placeholders: write your own.',
    'tenants:',
    ...options.entries.flatMap(tenantLines),
    '',
  ].join('\n');
}

/** Comments on what a draft leaves to its reader. */
export function toSettle({ leftOut, openPoints }: Pick<StarterOptions, 'leftOut' | 'openPoints'>): string[] {
  return [
    '#',
    '# To settle:',
    ...openPoints.flatMap(({ what, supply }) => [comment(`  ${what}`), comment(`    ${supply}`)]),
    ...(leftOut.length === 0 ? [] : ['#', '# Left out:']),
    ...leftOut.map(({ model, reason }) => comment(`  ${model}: ${reason}`)),
  ];
}

/** Room for answers that nobody has told; a guess, as most answers of networks are a few kilobytes. */
export const CACHE_MB = 256;

function cacheLines({ models }: StarterOptions): string[] {
  if (!models.some(({ config }) => config.responseCache === true)) return [];
  return [`    triton: {cache: {sizeMb: ${CACHE_MB}}}   # as --cache-config says`];
}

function deviceLines({ gpu, isGuess, models }: StarterOptions): string[] {
  const executing = models.filter(({ steps }) => steps === undefined);
  if (!executing.some(({ config }) => usesGpu(config)))
    return ['    # no devices: every model runs on the host'];
  const memoryMb = knownMemoryMb(gpu);
  const memory = memoryMb === undefined ? ', memoryMb: 16384' : '';
  const remark = memoryMb === undefined ? '   # correct memoryMb: nvidia-smi shows it' : '';
  const devices = Array.from(
    { length: devicesNeeded(executing) },
    (_, i) => `      - {name: gpu${i}, kind: ${scalar(gpu)}${memory}, sharing: streams}${remark}`,
  );
  const guess = `    devices:   ${comment(`${gpu} is a guess: write the kind of your GPU, as its profiles name it`)}`;
  return [isGuess ? guess : '    devices:', ...devices];
}

export function usesGpu({ instanceGroups }: ModelConfig): boolean {
  return instanceGroups.some(({ kind, passive }) => !passive && kind !== 'KIND_CPU');
}

/** GPUs that the configurations name, and at least one. */
export function devicesNeeded(models: readonly { readonly config: ModelConfig }[]): number {
  const gpus = models.flatMap(({ config }) => config.instanceGroups.flatMap((group) => group.gpus));
  return gpus.reduce((most, gpu) => Math.max(most, gpu + 1), 1);
}

function modelLines(model: StarterModel): string[] {
  const { config, standIn, remarks, engine, calls } = model;
  return [
    ...remarks.map((remark) => `      ${comment(remark)}`),
    `      - name: ${scalar(config.name)}`,
    ...configLines(model),
    ...(standIn === undefined ? [] : standInLines(standIn)),
    ...(engine === undefined ? [] : [engineLine(engine)]),
    ...answerLines(model),
    ...(calls === undefined ? [] : callLines(calls)),
  ];
}

function standInLines(standIn: StandIn): string[] {
  return [
    `        ${comment(`a stand-in: ${doubtOfStandIn(standIn)}`)}`,
    `        profile: ${scalar(standIn.profile.model)}`,
    // MLPerf's harness copies the next batch while one infers; its profiles say so in calibration/README.md.
    ...(standIn.folder.startsWith('mlperf-')
      ? ['        pipelined: true   # as the profile was measured']
      : []),
  ];
}

export function engineLine({ name, ...told }: SurveyedEngine): string {
  const fields = Object.entries(told).map(([key, value]) => `${key}: ${value}`);
  return `        engine: {${fields.join(', ')}}   ${comment(`${name} forms the batches; what is left out has vLLM's defaults`)}`;
}

export function configLines({ configPath, inline }: Pick<StarterModel, 'configPath' | 'inline'>): string[] {
  if (configPath !== undefined) return [`        config: ${scalar(configPath)}`];
  const lines = yamlText(inline).trimEnd().split('\n');
  return ['        config:', ...lines.map((line) => `          ${line}`)];
}

/** Own time before and between its calls; a guess, as all of them are. */
const OWN_MS = 1;

export function callLines({
  models,
  absent = [],
  hasUnknown,
  gathered,
  isOverlapping,
}: PythonCalls): string[] {
  const together = models.filter((name) => gathered.includes(name));
  const steps = models.flatMap((name) => {
    if (together.length < 2 || !together.includes(name)) return [callText(name)];
    return name === together[0] ? [`{parallel: [${together.map(callText).join(', ')}]}`] : [];
  });
  return [
    ...(isOverlapping === true ? ['        overlapping: true'] : []),
    '        calls:   # as its model.py names them: correct their order and ownMs; times: 50 for a loop',
    `          - {ownMs: ${OWN_MS}}`,
    ...steps.map((step) => `          - ${step}`),
    ...absent.map(
      (name) => `          ${comment(`- ${callText(name)}   # is in no repository that was named`)}`,
    ),
    ...(hasUnknown ? ['          # - {call: MODEL}   # only its running code knows which'] : []),
  ];
}

function callText(model: string): string {
  return `{call: ${scalar(model)}}`;
}

export function tenantLines({ model, sequences, hasTokens = false }: StarterEntry): string[] {
  const ratePerS = sequences !== undefined ? 2 : hasTokens ? 5 : 10;
  return [
    `  - name: ${scalar(`${model}-users`)}`,
    `    model: ${scalar(model)}`,
    `    load: {process: {kind: poisson, ratePerS: ${ratePerS}}}`,
    ...(sequences === undefined ? [] : [sequencesLine(sequences)]),
    ...(hasTokens ? [TOKENS_LINE] : []),
    `    slo: {percentile: 99, limitMs: ${hasTokens ? 30_000 : 100}}`,
  ];
}

/** About what a chat has. */
const TOKENS_LINE =
  '    tokens: {prompt: {mean: 500, cv: 1}, output: {mean: 200, cv: 1}}   # tokens of a request; a guess';

function sequencesLine({ requests, gapMs }: GuessedSequences): string {
  return `    sequences: {requests: ${requests}, gapMs: ${gapMs}}   # each arrival starts one; a guess`;
}

/** A text as YAML writes it within brackets, quoted where it must be. */
function scalar(text: string): string {
  const plain = /^[A-Za-z_./](?:[\w./ -]|:(?=\w))*$/.test(text) && yamlText(text).trim() === text;
  return plain ? text : quotedYaml(text);
}

function comment(text: string): string {
  return `# ${printable(text)}`;
}
