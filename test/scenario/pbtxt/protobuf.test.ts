import { create, type DescMessage, fromJson, type JsonValue } from '@bufbuild/protobuf';
import { fromText, toText } from '@bufbuild/protobuf/txtpb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProblemList } from '../../../src/base/problem.js';
import { writePbtxt } from '../../../src/emit/write-pbtxt.js';
import { type ModelConfig, ModelConfigSchema } from '../../../src/live/triton/generated/model_config_pb.js';
import { MODEL_CONFIG, type ModelConfigFields } from '../../../src/scenario/triton/fields.js';
import { readModelConfigText } from '../../../src/scenario/triton/model-config-text.js';
import { anyValue } from '../../support/any-fields.js';
import { cases } from '../../support/cases.js';
import { CONFIGS } from '../triton/configs.js';

/** Fields as protobuf may hold them: one of each choice. */
const anyFields = anyValue(MODEL_CONFIG).map(
  (fields) => oneOfEach(ModelConfigSchema, fields as object) as ModelConfigFields,
);

function oneOfEach(desc: DescMessage, value: object): object {
  const chosen = new Set<string>();
  const kept = desc.fields.flatMap((field) => {
    const part = (value as Record<string, unknown>)[field.name];
    if (part === undefined || (field.oneof !== undefined && chosen.has(field.oneof.name))) return [];
    if (field.oneof !== undefined) chosen.add(field.oneof.name);
    const inner = (each: unknown) =>
      field.message === undefined ? each : oneOfEach(field.message, each as object);
    if (part instanceof Map)
      return [[field.name, new Map([...part].map(([key, each]) => [key, inner(each)]))]];
    return [[field.name, Array.isArray(part) ? part.map(inner) : inner(part)]];
  });
  return Object.fromEntries(kept);
}

const TOKENS = [
  ...['"', "'", '{', '}', '<', '>', '[', ']', ':', ',', ';', '#', '\n', '-', ': [ ]'],
  ...['0', '1.', '1e3', '2f', '.5', '08', '- 1', '-0', 'inf', 'nan', 't', 'true'],
  ...['KIND_GPU', '"a" \'b\'', 'name', 'passive: true'],
];

/** Texts as people write them, with one or two mistakes. */
const brokenText = fc
  .tuple(
    fc.constantFrom(...Object.values(CONFIGS)),
    fc.array(fc.tuple(fc.nat(2000), fc.nat(3), fc.constantFrom(...TOKENS)), {
      minLength: 1,
      maxLength: 2,
    }),
  )
  .map(([text, mistakes]) =>
    mistakes.reduce<string>((broken, [place, length, token]) => {
      const at = place % broken.length;
      return broken.slice(0, at) + token + broken.slice(at + length);
    }, text),
  );

/** The message that fields stand for. */
function messageOf(fields: object): ModelConfig {
  const plain = JSON.stringify(fields, (_, value) => {
    if (value instanceof Map) return Object.fromEntries(value);
    return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  });
  return fromJson(ModelConfigSchema, JSON.parse(plain) as JsonValue);
}

/** The fields that our parser reads, or what it finds wrong. */
function read(text: string): { readonly fields: ModelConfigFields | undefined; readonly problems: number } {
  const problems = new ProblemList();
  const source = readModelConfigText(text, 'config.pbtxt', problems);
  return { fields: source?.fields, problems: problems.problems.length };
}

describe("protobuf's own reader and writer of the text format", () => {
  it('reads what we write as the same message', () => {
    fc.assert(
      fc.property(anyFields, (fields) => {
        expect(fromText(ModelConfigSchema, writePbtxt(MODEL_CONFIG, fields))).toEqual(messageOf(fields));
      }),
      { numRuns: cases(150) },
    );
  });

  it('writes what we read as the same message', () => {
    fc.assert(
      fc.property(anyFields, (fields) => {
        const message = messageOf(fields);
        const found = read(toText(ModelConfigSchema, message));
        expect(found.problems).toBe(0);
        expect(messageOf(found.fields!)).toEqual(message);
      }),
      { numRuns: cases(150) },
    );
  });

  it.each(Object.entries(CONFIGS))('reads %s, as people write it, as we do', (_, text) => {
    expect(fromText(ModelConfigSchema, text)).toEqual(messageOf(read(text).fields!));
  });

  it('refuses what we refuse, and takes what we take', () => {
    const refuses = (text: string) => {
      try {
        fromText(ModelConfigSchema, text);
        return false;
      } catch {
        return true;
      }
    };
    fc.assert(
      fc.property(brokenText, (text) => {
        expect(read(text).problems > 0, text).toBe(refuses(text));
      }),
      // We also refuse numbers of enums that are not known, and numbers beyond 2^53: a fixed seed, as some text would be one.
      { seed: 42, numRuns: cases(1500) },
    );
  });
});

it('protobuf leaves out what is at its default; ours writes it, as a batch size of 0 says that tensors have no batch dimension', () => {
  expect(toText(ModelConfigSchema, create(ModelConfigSchema, { maxBatchSize: 0 }))).toBe('');
  expect(writePbtxt(MODEL_CONFIG, { max_batch_size: 0 })).toBe('max_batch_size: 0\n');
});
