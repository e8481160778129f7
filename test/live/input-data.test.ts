import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { buildInputs, type InputOptions } from '../../src/live/input-data.js';
import { parseInputContents, readInputContents } from '../../src/live/input-files.js';
import { assumedInputs } from '../../src/live/model-inputs.js';
import type { ModelConfig, TensorConfig } from '../../src/scenario/model-config.js';

const tensor = (name: string, dataType: string, dims: readonly number[], optional = false): TensorConfig => ({
  name,
  dataType,
  dims,
  allowRaggedBatch: false,
  optional,
});

const model = (inputs: readonly TensorConfig[], maxBatchSize = 8): ModelConfig => ({
  name: 'resnet',
  platform: '',
  backend: '',
  maxBatchSize,
  inputs,
  outputs: [],
  instanceGroups: [],
});

/** The only tensor of a model with one input. */
const build = (
  dataType: string,
  dims: readonly number[],
  options: Partial<InputOptions> = {},
  maxBatchSize = 8,
) => buildInputs(model([tensor('x', dataType, dims)], maxBatchSize), { batchSize: 1, ...options })[0]!;

const values = (content: NonNullable<ReturnType<NonNullable<InputOptions['values']>['get']>>) => ({
  values: new Map([['x', content]]),
});

const ELEMENT_BYTES = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  BF16: 2,
  FP32: 4,
  FP64: 8,
};

describe('inputs', () => {
  it.each(Object.entries(ELEMENT_BYTES))('of type %s take %i bytes an element', (type, bytes) => {
    for (const fill of ['zero', 'random'] as const) {
      const built = build(`TYPE_${type}`, [3, 2], { batchSize: 4, fill });
      expect(built).toMatchObject({ name: 'x', dataType: type, shape: [4, 3, 2] });
      expect(built.data.length).toBe(4 * 6 * bytes);
      expect(built.data.some((byte) => byte !== 0)).toBe(fill === 'random');
    }
  });

  it('have the batch dimension only where the model has one', () => {
    expect(build('TYPE_FP32', [1, 4], { batchSize: 5 }, 0).shape).toEqual([1, 4]);
    expect(build('TYPE_FP32', [], { batchSize: 5 }).shape).toEqual([5]);
  });

  it('have 1 for variable dimensions, or the size that is given', () => {
    expect(build('TYPE_INT64', [-1, 3]).shape).toEqual([1, 1, 3]);
    expect(build('TYPE_INT64', [-1, 3], { shapes: new Map([['x', [128, 3]]]) }).shape).toEqual([1, 128, 3]);
  });

  it('leave optional ones out unless values or a shape are given', () => {
    const config = model([tensor('x', 'TYPE_FP32', [1]), tensor('y', 'TYPE_FP32', [1], true)]);
    expect(buildInputs(config, { batchSize: 1 }).map(({ name }) => name)).toEqual(['x']);
    const options = { batchSize: 1, values: new Map([['y', [1]]]) };
    expect(buildInputs(config, options).map(({ name }) => name)).toEqual(['x', 'y']);
    const shaped = { batchSize: 1, shapes: new Map([['y', [1]]]) };
    expect(buildInputs(config, shaped).map(({ name }) => name)).toEqual(['x', 'y']);
  });

  it('hold the same random contents for the same seed, others for another', () => {
    const data = (seed: number) => build('TYPE_FP32', [64], { fill: 'random', seed }).data;
    expect(data(1)).toEqual(data(1));
    expect(data(1)).not.toEqual(data(2));
  });

  it('hold random floats in [0, 1) and whole numbers in 0 to 127', () => {
    const floats = build('TYPE_FP32', [1000], { fill: 'random' }).data;
    for (const value of new Float32Array(floats.buffer)) expect(value >= 0 && value <= 1).toBe(true);
    const half = new Uint16Array(build('TYPE_FP16', [1000], { fill: 'random' }).data.buffer);
    for (const bits of half) expect(bits).toBeLessThanOrEqual(0x3c00);
    const longs = new BigInt64Array(build('TYPE_INT64', [1000], { fill: 'random' }).data.buffer);
    for (const value of longs) expect(value >= 0n && value < 128n).toBe(true);
    expect(new Set(longs).size).toBeGreaterThan(100);
  });

  it('hold each text after its length', () => {
    expect([...build('TYPE_STRING', [2]).data]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    const given = build('TYPE_STRING', [2], values(['ab', 'é']));
    expect(given.dataType).toBe('BYTES');
    expect([...given.data]).toEqual([2, 0, 0, 0, 97, 98, 2, 0, 0, 0, 195, 169]);
    const random = build('TYPE_STRING', [3], { fill: 'random' }).data;
    expect(random.length).toBe(3 * 20);
    expect(new TextDecoder().decode(random.subarray(4, 20))).toMatch(/^[a-z0-9]{16}$/);
  });

  it('hold given values, nested or not, of one inference or of the whole request', () => {
    const one = build('TYPE_INT16', [2, 2], {
      batchSize: 2,
      ...values([
        [1, -2],
        [3, 4],
      ]),
    });
    expect([...new Int16Array(one.data.buffer)]).toEqual([1, -2, 3, 4, 1, -2, 3, 4]);
    const all = build('TYPE_INT16', [2], { batchSize: 2, ...values([1, 2, 3, 4]) });
    expect([...new Int16Array(all.data.buffer)]).toEqual([1, 2, 3, 4]);
    const raw = build('TYPE_FP32', [1], { batchSize: 3, ...values(new Uint8Array([0, 0, 128, 63])) });
    expect([...new Float32Array(raw.data.slice().buffer)]).toEqual([1, 1, 1]);
    const texts = build('TYPE_STRING', [1], { batchSize: 2, ...values(new Uint8Array([1, 0, 0, 0, 97])) });
    expect([...texts.data]).toEqual([1, 0, 0, 0, 97, 1, 0, 0, 0, 97]);
  });

  it('hold 64-bit numbers exactly when they are written as text', () => {
    const exact = build('TYPE_INT64', [2], values(['-9007199254740993', '9223372036854775807']));
    expect([...new BigInt64Array(exact.data.buffer)]).toEqual([-9007199254740993n, 9223372036854775807n]);
  });

  it.each<[string, Partial<InputOptions>, readonly number[], string, RegExp]>([
    ['a batch that is too large', { batchSize: 9 }, [1], 'TYPE_FP32', /a batch of 9 does not fit.*1 to 8/],
    ['a batch that is no number', { batchSize: Number.NaN }, [1], 'TYPE_FP32', /a batch of NaN/],
    ['an unknown type', {}, [1], 'TYPE_INVALID', /unknown data type TYPE_INVALID/],
    ['an unknown input', { shapes: new Map([['y', [1]]]) }, [1], 'TYPE_FP32', /has no input "y"; it has x/],
    [
      'a shape of another rank',
      { shapes: new Map([['x', [1]]]) },
      [-1, 2],
      'TYPE_FP32',
      /\[1\] does not fit/,
    ],
    [
      'a shape that changes a fixed size',
      { shapes: new Map([['x', [3]]]) },
      [2],
      'TYPE_FP32',
      /does not fit/,
    ],
    ['a shape with nothing in it', { shapes: new Map([['x', [0]]]) }, [-1], 'TYPE_FP32', /does not fit/],
    ['more bytes than a message takes', {}, [100_000, 100_000], 'TYPE_FP32', /too many for a request/],
    ['too few values', values([1]), [2], 'TYPE_FP32', /1 element is given where 2 are needed/],
    ['a float that is none', values([null as never]), [1], 'TYPE_FP32', /null is no FP32/],
    ['a number out of range', values([256]), [1], 'TYPE_UINT8', /256 is no UINT8/],
    ['a fraction for a whole number', values([1.5]), [1], 'TYPE_INT8', /1.5 is no INT8/],
    ['a text for a truth value', values(['yes']), [1], 'TYPE_BOOL', /"yes" is no BOOL/],
    ['a number for a text', values([1]), [1], 'TYPE_STRING', /1 is no text/],
    ['raw bytes that break off', values(new Uint8Array(3)), [1], 'TYPE_FP32', /no whole number of elements/],
    ['texts that break off', values(new Uint8Array([9, 0, 0, 0, 1])), [1], 'TYPE_STRING', /cut off/],
  ])('are refused with %s', (_, options, dims, dataType, message) => {
    expect(() => build(dataType, dims, options)).toThrow(InputError);
    expect(() => build(dataType, dims, options)).toThrow(message);
  });

  it('are refused with all that is wrong', () => {
    const config = model([tensor('x', 'TYPE_INVALID', [1]), tensor('y', 'TYPE_FP32', [1e6, 1e6])]);
    expect(() => buildInputs(config, { batchSize: 1 })).toThrow(/"x"[\s\S]*"y"/);
  });
});

describe('half precision', () => {
  const bits = (value: number) => new Uint16Array(build('TYPE_FP16', [1], values([value])).data.buffer)[0]!;

  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [1.99999999, 0x4000],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [1.5 * 2 ** -24, 0x0002],
    [2 ** -14 - 2 ** -25, 0x0400],
    [5e-324, 0x0000],
  ])('of %d has the bits of IEEE 754', (value, expected) => {
    expect(bits(value)).toBe(expected);
  });

  it('is the nearest there is', () => {
    const decode = (half: number) => {
      const [sign, exponent, fraction] = [half & 0x8000 ? -1 : 1, (half >> 10) & 31, half & 1023];
      return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
    };
    fc.assert(
      fc.property(fc.double({ min: -65_000, max: 65_000, noNaN: true }), (value) => {
        const half = bits(value);
        const error = Math.abs(decode(half) - value);
        const neighbours = [half - 1, half + 1].filter((next) => next >= 0 && (next & 0x7c00) !== 0x7c00);
        for (const next of neighbours) expect(error).toBeLessThanOrEqual(Math.abs(decode(next) - value));
      }),
      { numRuns: 500 },
    );
  });

  it('of 16 bits like the upper half of a float rounds to nearest, ties to even', () => {
    const bfloat = (value: number) =>
      new Uint16Array(build('TYPE_BF16', [1], values([value])).data.buffer)[0]!;
    expect([1, -2, 1 + 2 ** -8, 1 + 3 * 2 ** -8, 0].map(bfloat)).toEqual([0x3f80, 0xc000, 0x3f80, 0x3f82, 0]);
  });
});

describe('files of input data', () => {
  let folder = '';
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('are a folder of raw files, or JSON', async () => {
    folder = await mkdtemp(join(tmpdir(), 'perseus-inputs-'));
    await expect(readInputContents(folder)).rejects.toThrow('this folder holds no files');
    await writeFile(join(folder, 'INPUT0'), new Uint8Array([1, 2, 3]));
    expect([...(await readInputContents(folder)).values]).toEqual([['INPUT0', Buffer.from([1, 2, 3])]]);
    await writeFile(join(folder, 'data.json'), '{"INPUT0": [1, 2]}');
    expect((await readInputContents(join(folder, 'data.json'))).values.get('INPUT0')).toEqual([1, 2]);
    await expect(readInputContents(join(folder, 'none.json'))).rejects.toThrow(/cannot be read \(ENOENT\)/);
  });

  it("may be perf_analyzer's, with contents and shapes", () => {
    const text = JSON.stringify({
      data: [{ a: { content: [1, 2], shape: [2] }, b: { b64: 'AQI=' }, c: [[true]] }, { a: [3] }],
    });
    const { values, shapes } = parseInputContents(text, 'data.json');
    expect([...values]).toEqual([
      ['a', [1, 2]],
      ['b', Buffer.from([1, 2])],
      ['c', [[true]]],
    ]);
    expect([...shapes]).toEqual([['a', [2]]]);
  });

  it.each([
    ['[1', /is not JSON/],
    ['5', /data\.json/],
    ['{"a": 5}', /data\.json: a: /],
    ['{"a": {"b64": "?"}}', /data\.json: a/],
    ['{"data": []}', /./],
  ])('are refused with %s', (text, message) => {
    const read = () => buildInputs(model([]), { batchSize: 1, ...parseInputContents(text, 'data.json') });
    expect(read).toThrow(InputError);
    expect(read).toThrow(message);
  });

  it('become tensors or are refused as bad input, whatever they hold', () => {
    const config = model([tensor('x', 'TYPE_INT32', [2]), tensor('s', 'TYPE_STRING', [-1])]);
    const entry = fc.dictionary(
      fc.constantFrom('x', 's', 'y'),
      fc.oneof(fc.jsonValue(), fc.array(fc.integer())),
    );
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      entry.map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(text, (json) => {
        try {
          buildInputs(config, { batchSize: 2, ...parseInputContents(json, 'data.json') });
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

it('what requests held that nobody chose is said: dimensions of 1, and optional inputs that were not sent', () => {
  const bert = {
    ...model([tensor('ids', 'TYPE_INT64', [-1]), tensor('mask', 'TYPE_INT64', [-1], true)]),
    name: 'bert',
  };
  const withShapes = (names: readonly string[]) => ({
    all: { values: new Map(), shapes: new Map(names.map((name) => [name, [64]])) },
  });
  expect(assumedInputs({}, [bert])).toEqual([
    expect.stringMatching(/^bert was measured with its variable dimensions at 1: ids \[1\];/),
    expect.stringMatching(/^bert was measured without its optional mask;/),
  ]);
  expect(assumedInputs(withShapes(['ids']), [bert])).toEqual([expect.stringContaining('its optional mask')]);
  expect(assumedInputs(withShapes(['ids', 'mask']), [bert])).toEqual([]);
});
