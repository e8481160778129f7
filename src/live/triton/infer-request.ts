import type { MessageInitShape } from '@bufbuild/protobuf';
import type { InferRequest, PreparedRequest } from '../inference-client.js';
import { type InferParameterSchema, ModelInferRequestSchema } from './generated/grpc_service_pb.js';
import { encode } from './service.js';

type InferParameter = MessageInitShape<typeof InferParameterSchema>;

/** Encodes a request; its tensors travel as raw bytes, in the order of the inputs. */
export function encodeRequest(request: InferRequest): PreparedRequest {
  const { model, version = '', batchSize, inputs } = request;
  const bytes = encode(ModelInferRequestSchema, {
    modelName: model,
    modelVersion: version,
    parameters: parametersOf(request),
    inputs: inputs.map(({ name, dataType, shape }) => ({
      name,
      datatype: wireType(dataType),
      shape: shape.map(BigInt),
    })),
    rawInputContents: inputs.map(({ data }) => data),
  });
  return { model, batchSize, bytes };
}

/** Only what is asked for: a server takes parameters it does not know as an error, or for another feature. */
function parametersOf({ priority = 0, timeoutUs = 0 }: InferRequest): Record<string, InferParameter> {
  return {
    ...(priority === 0 ? {} : { priority: wholeNumber(priority) }),
    ...(timeoutUs === 0 ? {} : { timeout: wholeNumber(timeoutUs) }),
  };
}

/** Every version of Triton takes int64 for both; uint64 only some, and only for the priority. */
function wholeNumber(value: number): InferParameter {
  return { parameterChoice: { case: 'int64Param', value: BigInt(Math.round(value)) } };
}

/** The protocol's name of a type (`FP32`, `BYTES`) for the configuration's (`TYPE_FP32`, `TYPE_STRING`) or its own. */
function wireType(dataType: string): string {
  const name = dataType.replace(/^TYPE_/, '');
  return name === 'STRING' ? 'BYTES' : name;
}
