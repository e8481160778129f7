import { given } from '../base/given.js';
import { ProblemList } from '../base/problem.js';
import type { ModelConfig } from '../scenario/model-config.js';
import type { ResolveOptions } from '../scenario/resolve-spec.js';
import type { ConfigFile, ScenarioResources } from '../scenario/resources.js';
import type { ServedModelSpec } from '../scenario/spec/server-spec.js';
import { MODEL_CONFIG, type ModelConfigFields } from '../scenario/triton/fields.js';
import { interpretModelConfig } from '../scenario/triton/interpret.js';
import { readModelConfigText } from '../scenario/triton/model-config-text.js';
import { plainFields } from '../scenario/triton/plain-fields.js';
import { writeModelConfigFields } from '../scenario/triton/write-fields.js';
import { groupExtras, withFittingWarmup, withScheduling } from './with-scheduling.js';
import { writePbtxt } from './write-pbtxt.js';

/** What a model's `config.pbtxt` is written from. */
export interface ConfigOrigin {
  /** As the scenario names it: a path, or the fields inline. */
  readonly written: ServedModelSpec['config'];
  /** What was read from that path. */
  readonly file?: ConfigFile | undefined;
  /** What the repository says that the model's files come from. */
  readonly deployed?: ModelConfigFields | undefined;
  readonly devices: number;
}

/** What a scenario says of a model's configuration. */
export type WrittenConfig = Pick<ConfigOrigin, 'written' | 'file'>;

/** With what was read from the path, where it names one. */
export function writtenConfig(
  written: ConfigOrigin['written'],
  configs: ScenarioResources['configs'] | undefined,
): WrittenConfig {
  return { written, file: typeof written === 'string' ? configs?.get(written)?.value : undefined };
}

/**
 * The `config.pbtxt` that gives a model the configuration it has in a scenario. A file that says so
 * already is kept as it is, comments included. Otherwise the fields that decide scheduling are written
 * anew, and all that perseus does not look at (parameters, optimization, version policy, warm-up …) stays.
 * Where a scenario says only how a model is scheduled, as plans do, the rest is what its repository says.
 */
export function configFileText(config: ModelConfig, origin: ConfigOrigin): string {
  const own = fieldsOf(origin);
  const fields = origin.deployed === undefined || isWhole(origin) ? own : completed(own, origin.deployed);
  const isSame = fields !== undefined && same(interpret(fields, config.name, origin.devices), config);
  if (isSame && origin.file !== undefined && fields === own) return origin.file.text;
  return writePbtxt(
    MODEL_CONFIG,
    isSame ? { name: config.name, ...withFittingWarmup(fields) } : overlay(fields ?? {}, config),
  );
}

/** Has configurations written with all that perseus does not look at, such as parameters: it stays for whoever deploys the models. */
export function withWholeConfigs(
  configs: ScenarioResources['configs'],
): Pick<ResolveOptions, 'configFields'> {
  return {
    configFields: (config, written) =>
      plainFields(overlay(fieldsOf(writtenConfig(written, configs)) ?? {}, config), true),
  };
}

/** Instance groups keep what the repository says of groups of their kind besides how many and where. */
function completed(own: ModelConfigFields = {}, deployed: ModelConfigFields): ModelConfigFields {
  const groups = own.instance_group?.map((group, i) => {
    const isAlike = deployed.instance_group?.[i]?.kind === group.kind;
    return isAlike ? { ...groupExtras(deployed, i), ...group } : group;
  });
  return { ...deployed, ...own, ...(groups && { instance_group: groups }) };
}

function fieldsOf({ written, file }: WrittenConfig): ModelConfigFields | undefined {
  if (typeof written !== 'string') return written;
  return file && readModelConfigText(file.text, file.file, new ProblemList())?.fields;
}

/** Whether a configuration says what executes the model: one that does not is no whole one. */
export function isWhole(origin: WrittenConfig): boolean {
  const own = fieldsOf(origin);
  return own?.backend !== undefined || own?.platform !== undefined;
}

/** Whether a scenario says that a model's tensors have no batch dimension. */
export function isServedUnbatched(origin: WrittenConfig): boolean {
  return isUnbatched(fieldsOf(origin));
}

/** Whether a configuration says that its tensors have no batch dimension. One that leaves the size out may mean that Triton asks the model. */
export function isUnbatched(fields: ModelConfigFields | undefined): boolean {
  return fields?.max_batch_size === 0;
}

function interpret(fields: ModelConfigFields, name: string, devices: number): ModelConfig | undefined {
  const source = { fields, placeOf: () => ({}) };
  return interpretModelConfig(source, { name, devices }, new ProblemList());
}

/** Fields that a {@link ModelConfig} holds in full: of these nothing of what was written is left. */
function overlay(fields: ModelConfigFields, config: ModelConfig): object {
  const { input, output, name, platform, backend, ...others } = writeModelConfigFields(config);
  return {
    ...others,
    ...withScheduling(fields, config),
    name,
    ...given({ platform, backend }),
    ...(fields.input === undefined && input !== undefined ? { input } : {}),
    ...(fields.output === undefined && output !== undefined ? { output } : {}),
  };
}

function same(a: ModelConfig | undefined, b: ModelConfig): boolean {
  return a !== undefined && plain(a) === plain(b);
}

function plain(config: ModelConfig): string {
  return JSON.stringify(config, (_, value) => (value instanceof Map ? [...value] : value));
}
