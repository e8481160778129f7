import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type DescEnum, type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { ModelConfigSchema } from '../src/live/triton/generated/model_config_pb.js';
import { isStarted, writeFiles } from './support/main.js';

/** Where the core has the fields of `config.pbtxt`. Protobuf's own descriptors would make it 21 kB larger (gzip). */
export const FIELDS_FILE = 'src/scenario/triton/generated/model-config.ts';

const SCALARS: Readonly<Partial<Record<ScalarType, string>>> = {
  [ScalarType.STRING]: 'string',
  [ScalarType.BOOL]: 'bool',
  [ScalarType.INT32]: 'int32',
  [ScalarType.INT64]: 'int64',
  [ScalarType.UINT32]: 'uint32',
  [ScalarType.UINT64]: 'uint64',
  [ScalarType.DOUBLE]: 'float',
  [ScalarType.FLOAT]: 'float',
};

/** Where protoc-gen-es writes messages and descriptors. */
export const STUBS_FOLDER = 'src/live/triton/generated';

/** Descriptors that somebody names: the service has all others. */
const TAKEN_ALONE = [
  ...['ModelConfigSchema', 'ModelStatisticsSchema', 'InferBatchStatisticsSchema'],
  ...['InferParameterSchema', 'ModelRepositoryParameterSchema'],
  ...['ModelInferRequestSchema', 'ModelStreamInferResponseSchema'],
  // Named by tests.
  ...['ModelReadyResponseSchema', 'RepositoryIndexResponseSchema', 'ServerMetadataResponseSchema'],
];

/**
 * Of a configuration only these fields are read as they come; all others by the core's own fields, from JSON. So no types are
 * kept of what is in it.
 */
const READ_FIELDS = ['name: string', 'platform: string', 'maxBatchSize: number', '[field: string]: unknown'];

/**
 * What protoc-gen-es writes, without the comments on each member, which say what the line below them says, and without the
 * types and descriptors that nobody names.
 */
export function shortened(stubs: string): string {
  const isOfConfig = stubs.includes('export type ModelConfig =');
  const short = stubs
    .replace(/^ *\/\*\*\n(?: +\*.*\n)*? +\*\/\n/gm, '')
    .replace(/^export const (\w+): Gen(?:Message|Enum)<.*\n .*;\n/gm, (text, name: string) =>
      TAKEN_ALONE.includes(name) ? text : '',
    )
    .replace(/typeof (\w+)Schema;/g, 'GenMessage<$1>;')
    .replace(/\b(?:GenEnum|enumDesc), /g, '')
    .replace(/;\n\n(?= {2})/g, ';\n');
  const kept = isOfConfig ? withoutParts(short) : short;
  return kept.replace(/ & \{\n\};/g, ';').replace(/\n{3,}/g, '\n\n');
}

function withoutParts(stubs: string): string {
  return stubs
    .replace(/^export enum \w+ \{[^}]*\}\n/gm, '')
    .replace(/^export type (\w+) = (.* & )\{\n(?: .*\n)*?\};\n/gm, (_, name: string, of: string) =>
      name === 'ModelConfig' ? `export type ${name} = ${of}{\n  ${READ_FIELDS.join(';\n  ')};\n};\n` : '',
    );
}

/** The messages and enums of a model's configuration as the core's descriptors. */
export function buildFields(root: DescMessage = ModelConfigSchema): string {
  const constants = new Map<string, string>();
  const used = new Set<string>();
  addMessage(root, constants, used);
  const imports = [...used].sort().map((name) => `  ${name},\n`);
  return [
    '// Written by `npm run stubs` from proto/model_config.proto. Do not change it here.\n',
    `import {\n${imports.join('')}} from '../descriptor.js';\n`,
    ...constants.values(),
  ].join('\n');
}

/** Those that a message names come before it. Triton's have no circles. */
function addMessage(desc: DescMessage, constants: Map<string, string>, used: Set<string>): void {
  if (constants.has(desc.typeName)) return;
  const fields = desc.fields.map((field) => {
    if (field.message !== undefined) addMessage(field.message, constants, used);
    if (field.enum !== undefined) addEnum(field.enum, constants, used);
    return `  ${field.name}: ${fieldText(field, used)},\n`;
  });
  used.add('message');
  const body = fields.length === 0 ? '{}' : `{\n${fields.join('')}}`;
  const text = `export const ${constantOf(desc)} = message('${desc.name}', ${body});\n`;
  constants.set(desc.typeName, text);
}

function addEnum(desc: DescEnum, constants: Map<string, string>, used: Set<string>): void {
  if (desc.values.some(({ number }, i) => number !== i)) {
    throw new Error(`the numbers of ${desc.typeName} are not 0, 1, 2 …, as the core's descriptors have them`);
  }
  used.add('enumOf');
  const names = desc.values.map(({ name }) => `  '${name}',\n`);
  constants.set(desc.typeName, `export const ${constantOf(desc)} = enumOf(\n${names.join('')});\n`);
}

function fieldText(field: DescField, used: Set<string>): string {
  const value = field.message ?? field.enum;
  const type = value === undefined ? scalarText(field, field.scalar!, used) : constantOf(value);
  if (field.fieldKind === 'list') {
    used.add('repeated');
    return `repeated(${type})`;
  }
  if (field.fieldKind !== 'map') return type;
  used.add('map');
  return `map(${scalarText(field, field.mapKey, used)}, ${type})`;
}

function scalarText(field: DescField, type: ScalarType, used: Set<string>): string {
  const text = SCALARS[type];
  if (text === undefined) throw new Error(`${field} is of a type that the core does not read`);
  used.add(text);
  return text;
}

/** `MODEL_WARMUP_INPUT` for `ModelWarmup.Input`. */
function constantOf({ typeName, file }: DescMessage | DescEnum): string {
  const name = typeName.slice(file.proto.package.length + 1);
  return name.replace(/(?<=[a-z])(?=[A-Z])|\./g, '_').toUpperCase();
}

if (isStarted(import.meta.url)) {
  const root = resolve(import.meta.dirname, '..');
  for (const name of readdirSync(join(root, STUBS_FOLDER))) {
    const file = join(root, STUBS_FOLDER, name);
    writeFileSync(file, shortened(readFileSync(file, 'utf8')));
  }
  writeFiles(new Map([[FIELDS_FILE, buildFields()]]), root);
}
