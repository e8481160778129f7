import type { InferRequest, MemoryPlace, PreparedRequest, RequestMark } from '../../inference-client.js';
import { contentPlace, writeContent } from '../../request-content.js';
import { wireType } from '../infer-request.js';

/** How each header begins, so that it is known where a mark fits in. */
const BEGIN = '{"parameters":{';

/**
 * Encodes a request for HTTP/REST, with Triton's binary tensor extension: a header in JSON, and behind it the tensors that are not in
 * shared memory as raw bytes, in the order of the inputs.
 */
export function encodeRestRequest(request: InferRequest): PreparedRequest {
  const { model, version = '', batchSize, inputs, outputs = [], priority = 0, timeoutUs = 0 } = request;
  const sent = inputs.filter(({ place }) => place === undefined);
  const json = Buffer.from(
    JSON.stringify({
      parameters: {
        ...(priority !== 0 && { priority: Math.round(priority) }),
        ...(timeoutUs !== 0 && { timeout: Math.round(timeoutUs) }),
        binary_data_output: true,
      },
      inputs: inputs.map(({ name, dataType, shape, data, place }) => ({
        name,
        datatype: wireType(dataType),
        shape,
        parameters: inMemory(place) ?? { binary_data_size: data.length },
      })),
      ...(outputs.length > 0 && {
        outputs: outputs.map(({ name, place }) => ({
          name,
          parameters: inMemory(place) ?? { binary_data: true },
        })),
      }),
    }),
  );
  const tensors = sent.map(({ data }) => data);
  const content = contentPlace(sent, json, tensors);
  const versions = version === '' ? '' : `/versions/${encodeURIComponent(version)}`;
  return {
    model,
    batchSize,
    bytes: Buffer.concat([json, ...tensors]),
    rest: { path: `/v2/models/${encodeURIComponent(model)}${versions}/infer`, jsonBytes: json.length },
    ...(content !== undefined && { content }),
  };
}

/** A copy of it with a content and a place in a sequence of its own. */
export function markRestRequest(
  request: PreparedRequest,
  { content, sequence }: RequestMark,
): PreparedRequest {
  const { path, jsonBytes } = request.rest!;
  const parameters =
    sequence === undefined
      ? ''
      : `"sequence_id":${sequence.id},"sequence_start":${sequence.starts},"sequence_end":${sequence.ends},`;
  const before = request.bytes.subarray(0, BEGIN.length);
  const bytes = Buffer.concat([before, Buffer.from(parameters), request.bytes.subarray(BEGIN.length)]);
  const place = request.content && { ...request.content, at: request.content.at + parameters.length };
  if (content !== undefined) writeContent(bytes, place!, content);
  const rest = { path, jsonBytes: jsonBytes + parameters.length };
  return { ...request, bytes, rest, ...(place !== undefined && { content: place }) };
}

/** Triton's shared-memory extension. */
function inMemory(place: MemoryPlace | undefined): object | undefined {
  return (
    place && {
      shared_memory_region: place.region,
      shared_memory_offset: place.offset,
      shared_memory_byte_size: place.bytes,
    }
  );
}
