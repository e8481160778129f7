import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InputTensor, RequestMark } from '../../src/live/inference-client.js';
import { elementType } from '../../src/live/tensor-encoding.js';
import { ModelInferRequestSchema } from '../../src/live/triton/generated/grpc_service_pb.js';
import { encodeRequest, markRequest } from '../../src/live/triton/infer-request.js';
import { decode } from '../../src/live/triton/service.js';

const TYPES = ['BOOL', 'UINT8', 'INT8', 'INT16', 'INT64', 'FP16', 'BF16', 'FP32', 'FP64'];

function tensor(dataType: string, elements: number): InputTensor {
  const type = elementType(dataType);
  if (type === undefined || type === 'BYTES') throw new Error(`${dataType} has no fixed size`);
  return { name: dataType, dataType, shape: [elements], data: new Uint8Array(elements * type.bytes) };
}

const text = (length: number): InputTensor => ({
  name: 'TEXT',
  dataType: 'BYTES',
  shape: [1],
  data: Uint8Array.of(length, 0, 0, 0, ...Array.from({ length }, () => 0x78)),
});

const requestOf = (...inputs: InputTensor[]) => encodeRequest({ model: 'm', batchSize: 1, inputs });
const read = ({ bytes }: { bytes: Uint8Array }) => decode(ModelInferRequestSchema, bytes);

describe('a marked request', () => {
  it('has equal bytes for equal contents and others for others, and harmless values', () => {
    const inputs = fc.array(
      fc.oneof(
        fc
          .tuple(fc.constantFrom(...TYPES), fc.integer({ min: 1, max: 50 }))
          .map(([type, n]) => tensor(type, n)),
        fc.integer({ min: 0, max: 20 }).map(text),
      ),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(
        inputs,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (tensors, one, other) => {
          const request = requestOf(...tensors);
          if (request.content === undefined) return;
          const { room } = request.content;
          const [a, b] = [one, other].map((at) => Math.floor(at * (room - 1)));
          const marked = (content: number) => markRequest(request, { content });
          expect(marked(a!).bytes).toEqual(marked(a!).bytes);
          expect(Buffer.compare(marked(a!).bytes, marked(b!).bytes) === 0).toBe(a === b);
          const { rawInputContents } = read(marked(a!));
          expect(rawInputContents.map(({ length }) => length)).toEqual(
            tensors.map(({ data }) => data.length),
          );
          for (const [i, { dataType }] of tensors.entries()) {
            if (dataType !== 'FP32') continue;
            const values = new Float32Array(Uint8Array.from(rawInputContents[i]!).buffer);
            expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
          }
        },
      ),
    );
  });

  it.each([
    [[text(0)], undefined],
    [[text(3)], 1000],
    [[tensor('FP32', 1)], 2 ** 24],
    [[tensor('INT8', 1)], 128],
    [[tensor('INT64', 1)], 2 ** 24],
    [[tensor('BOOL', 3), tensor('FP16', 2)], 2 ** 20],
    [[], undefined],
  ])('has room for contents by its inputs: %#', (inputs, room) => {
    expect(requestOf(...inputs).content?.room).toBe(room);
  });

  it('keeps what it was, and says what it is in its sequence', () => {
    const inputs = [tensor('FP32', 4)];
    const request = encodeRequest({
      model: 'm',
      batchSize: 1,
      inputs,
      priority: 2,
      outputs: [{ name: 'A' }],
    });
    const mark: RequestMark = { sequence: { id: 2 ** 40, starts: true, ends: false } };
    const { parameters, ...rest } = read(markRequest(request, mark));
    const { parameters: before, ...same } = read(request);
    expect(rest).toEqual(same);
    expect(rest.outputs).toMatchObject([{ name: 'A' }]);
    expect(parameters).toMatchObject({
      ...before,
      sequence_id: { parameterChoice: { case: 'int64Param', value: 2n ** 40n } },
      sequence_start: { parameterChoice: { case: 'boolParam', value: true } },
      sequence_end: { parameterChoice: { case: 'boolParam', value: false } },
    });
  });
});
