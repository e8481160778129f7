import { create, createFileRegistry, type DescService, fromJson } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import {
  InferParameterSchema,
  ModelReadyResponseSchema,
  ServerMetadataResponseSchema,
} from '../../../src/live/triton/generated/grpc_service_pb.js';
import { decode, encode, grpcMethods, SERVICE } from '../../../src/live/triton/service.js';

/** A service with one method of each kind. */
function streamingService(): DescService {
  const type = { inputType: '.t.Empty', outputType: '.t.Empty' };
  const method = [
    { name: 'Ask', ...type },
    { name: 'Upload', clientStreaming: true, ...type },
    { name: 'Watch', serverStreaming: true, ...type },
    { name: 'Talk', clientStreaming: true, serverStreaming: true, ...type },
  ];
  const file = { name: 't.proto', package: 't', syntax: 'proto3', messageType: [{ name: 'Empty' }] };
  const set = fromJson(FileDescriptorSetSchema, { file: [{ ...file, service: [{ name: 'S', method }] }] });
  return createFileRegistry(set).getService('t.S')!;
}

describe('the methods of a service', () => {
  it('have the paths of gRPC, and say which sides stream', () => {
    const methods = Object.entries(grpcMethods(streamingService()));
    expect(
      methods.map(([name, { path, requestStream, responseStream }]) => [
        name,
        path,
        requestStream,
        responseStream,
      ]),
    ).toEqual([
      ['ask', '/t.S/Ask', false, false],
      ['upload', '/t.S/Upload', true, false],
      ['watch', '/t.S/Watch', false, true],
      ['talk', '/t.S/Talk', true, true],
    ]);
    expect(SERVICE.modelInfer.path).toBe('/inference.GRPCInferenceService/ModelInfer');
  });

  it('send what is given of a message, and receive the whole of it', () => {
    const { requestSerialize, requestDeserialize, responseSerialize, responseDeserialize } =
      SERVICE.modelReady;
    expect(requestDeserialize(requestSerialize({ name: 'm' }))).toMatchObject({ name: 'm', version: '' });
    expect(responseDeserialize(responseSerialize(create(ModelReadyResponseSchema)))).toMatchObject({
      ready: false,
    });
  });
});

describe('a message that is received', () => {
  it('has replacement characters where a text is no UTF-8', () => {
    const bytes = encode(ServerMetadataResponseSchema, { name: 'ab', version: '2.51.0' });
    bytes[bytes.indexOf('a')] = 0xff;
    expect(decode(ServerMetadataResponseSchema, bytes)).toMatchObject({ name: '\ufffdb', version: '2.51.0' });
  });

  it('keeps nothing of fields that are not known', () => {
    const bytes = encode(ServerMetadataResponseSchema, { name: 'a' });
    const more = Buffer.concat([bytes, Buffer.from([0x78, 1])]);
    expect(decode(ServerMetadataResponseSchema, more)).toEqual(decode(ServerMetadataResponseSchema, bytes));
  });

  it('has 64-bit integers in full', () => {
    const value = 2n ** 63n - 1n;
    const bytes = encode(InferParameterSchema, { parameterChoice: { case: 'int64Param', value } });
    expect(decode(InferParameterSchema, bytes).parameterChoice).toEqual({ case: 'int64Param', value });
  });
});
