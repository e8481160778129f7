import { toJson } from '@bufbuild/protobuf';
import { checkAgainst } from '../../base/document/schema-problems.js';
import { formatPath } from '../../base/path.js';
import { printable } from '../../base/printable.js';
import { formatProblem, ProblemList } from '../../base/problem.js';
import type { Descriptor, FieldTable } from '../../scenario/triton/descriptor.js';
import { MODEL_CONFIG, type ModelConfigFields } from '../../scenario/triton/fields.js';
import { modelConfigFieldsSchema } from '../../scenario/triton/fields-schema.js';
import { interpretModelConfig } from '../../scenario/triton/interpret.js';
import { LiveError, type LiveModelConfig } from '../inference-client.js';
import { type ModelConfig as ModelConfigMessage, ModelConfigSchema } from './generated/model_config_pb.js';

/**
 * A configuration as the server answers it, read by the rules that hold for `config.pbtxt`, so that defaults
 * are filled in by one piece of code. Throws a {@link LiveError} for what perseus cannot simulate.
 */
export function toLiveModelConfig(
  message: ModelConfigMessage,
  { version, url }: { readonly version: string; readonly url: string },
): LiveModelConfig {
  const longest = longestList(message);
  if (longest > MOST_ENTRIES) {
    const problems = new ProblemList();
    problems.add({ what: `one of its lists has ${longest} entries` });
    throw unusable(message.name, url, problems);
  }
  const json = plainJson(MODEL_CONFIG, toJson(ModelConfigSchema, message, { useProtoFieldName: true }));
  const problems = new ProblemList();
  const { value: fields, problems: found } = checkAgainst(modelConfigFieldsSchema, json);
  for (const { path, what } of found) problems.add({ path: formatPath(path), what });
  const config =
    fields &&
    interpretModelConfig(
      { fields, placeOf: (path) => ({ path: formatPath(path) }) },
      { name: message.name, devices: devicesOf(fields) },
      problems,
    );
  if (config === undefined) throw unusable(message.name, url, problems);
  return { config, json, version };
}

/** Of inputs, instance groups, dimensions: a hundred is a lot, and each costs memory and may be a line on the screen. */
const MOST_ENTRIES = 10_000;

/** Entries of the longest list anywhere in a message. */
function longestList(value: unknown): number {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return 0;
  if (Array.isArray(value) && value.length > MOST_ENTRIES) return value.length;
  const own = Array.isArray(value) ? value.length : 0;
  return Object.values(value).reduce<number>((most, each) => Math.max(most, longestList(each)), own);
}

function unusable(model: string, url: string, { problems }: ProblemList): LiveError {
  return new LiveError(
    'server',
    `${printable(url)}: the configuration of "${printable(model)}" cannot be used: ${problems.map(formatProblem).join('; ')}`,
    'leave this model out, or serve it in a way that perseus can simulate',
  );
}

/** The server has at least the GPUs that the instances name: it has checked them already. */
function devicesOf({ instance_group: groups = [] }: ModelConfigFields): number {
  const indices = groups.flatMap(({ gpus = [] }) => gpus);
  const isOnGpu = groups.some(({ kind }) => kind === 'KIND_GPU');
  return indices.reduce((most, index) => Math.max(most, index + 1), isOnGpu ? 1 : 0);
}

/** Stands for a value of an enum that is newer than our interface file; protobuf's JSON has its number. */
const UNKNOWN = 'UNRECOGNIZED';

/**
 * Protobuf's JSON with 64-bit integers as numbers, as scenario files have them. Values of enums that are not
 * known are left out where nothing here depends on them.
 */
function plainJson(descriptor: Descriptor, value: unknown): unknown {
  switch (descriptor.type) {
    case 'ignored':
      return withoutUnknown(plainJson(descriptor.of, value));
    case 'integer':
    case 'float':
      return Number(value);
    case 'enum':
      if (typeof value !== 'number') return value;
      return descriptor.names[0] === 'TYPE_INVALID' ? 'TYPE_INVALID' : UNKNOWN;
    case 'repeated':
      return (value as unknown[]).map((item) => plainJson(descriptor.of, item));
    case 'map':
      return mapValues(value as object, (item) => plainJson(descriptor.of, item));
    case 'message':
      return plainMessage(descriptor.fields, value as Record<string, unknown>);
    default:
      return value;
  }
}

function plainMessage(fields: FieldTable, message: Record<string, unknown>): object {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => message[name] !== undefined)
      .map(([name, field]) => [name, plainJson(field, message[name])])
      .filter(([, value]) => value !== undefined),
  );
}

function withoutUnknown(value: unknown): unknown {
  if (value === UNKNOWN) return undefined;
  if (Array.isArray(value)) return value.map(withoutUnknown).filter((item) => item !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  return mapValues(value, withoutUnknown);
}

function mapValues(entries: object, change: (value: unknown) => unknown): object {
  return Object.fromEntries(
    Object.entries(entries)
      .map(([key, value]) => [key, change(value)] as const)
      .filter(([, value]) => value !== undefined),
  );
}
