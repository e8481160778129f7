import type { MessageInitShape } from '@bufbuild/protobuf';
import type { InferRequest, MemoryPlace, PreparedRequest, RequestMark } from '../inference-client.js';
import { contentPlace, writeContent } from '../request-content.js';
import { type InferParameterSchema, ModelInferRequestSchema } from './generated/grpc_service_pb.js';
import { encode } from './service.js';

type InferParameter = MessageInitShape<typeof InferParameterSchema>;

/** Encodes a request; tensors that are not in shared memory travel as raw bytes, in the order of the inputs. */
export function encodeRequest(request: InferRequest): PreparedRequest {
  const { model, version = '', batchSize, inputs, outputs = [], isStream } = request;
  const sent = inputs.filter(({ place }) => place === undefined);
  // Messages one after the other are one message: so the places of the tensors are known.
  const head = encode(ModelInferRequestSchema, {
    modelName: model,
    modelVersion: version,
    parameters: parametersOf(request),
    inputs: inputs.map(({ name, dataType, shape, place }) => ({
      name,
      datatype: wireType(dataType),
      shape: shape.map(BigInt),
      parameters: inMemory(place),
    })),
    outputs: outputs.map(({ name, place }) => ({ name, parameters: inMemory(place) })),
  });
  const tensors = sent.map(({ data }) => encode(ModelInferRequestSchema, { rawInputContents: [data] }));
  const content = contentPlace(sent, head, tensors);
  return {
    model,
    batchSize,
    bytes: Buffer.concat([head, ...tensors]),
    ...(isStream === true && { isStream }),
    ...(content !== undefined && { content }),
  };
}

/** A copy of it with a content and a place in a sequence of its own. */
export function markRequest(request: PreparedRequest, { content, sequence }: RequestMark): PreparedRequest {
  const parameters: Record<string, InferParameter> =
    sequence === undefined
      ? {}
      : {
          sequence_id: wholeNumber(sequence.id),
          sequence_start: { parameterChoice: { case: 'boolParam', value: sequence.starts } },
          sequence_end: { parameterChoice: { case: 'boolParam', value: sequence.ends } },
        };
  const bytes = Buffer.concat([request.bytes, encode(ModelInferRequestSchema, { parameters })]);
  if (content !== undefined) writeContent(bytes, request.content!, content);
  return { ...request, bytes };
}

/** Only what is asked for: a server takes parameters it does not know as an error, or for another feature. */
function parametersOf({ priority = 0, timeoutUs = 0 }: InferRequest): Record<string, InferParameter> {
  return {
    ...(priority === 0 ? {} : { priority: wholeNumber(priority) }),
    ...(timeoutUs === 0 ? {} : { timeout: wholeNumber(timeoutUs) }),
  };
}

/** Triton's shared-memory extension. */
function inMemory(place: MemoryPlace | undefined): Record<string, InferParameter> {
  if (place === undefined) return {};
  return {
    shared_memory_region: { parameterChoice: { case: 'stringParam', value: place.region } },
    shared_memory_offset: wholeNumber(place.offset),
    shared_memory_byte_size: wholeNumber(place.bytes),
  };
}

/** Every version of Triton takes int64 for both; uint64 only some, and only for the priority. */
function wholeNumber(value: number): InferParameter {
  return { parameterChoice: { case: 'int64Param', value: BigInt(Math.round(value)) } };
}

/** The protocol's name of a type (`FP32`, `BYTES`) for the configuration's (`TYPE_FP32`, `TYPE_STRING`) or its own. */
export function wireType(dataType: string): string {
  const name = dataType.replace(/^TYPE_/, '');
  return name === 'STRING' ? 'BYTES' : name;
}
