import {
  create,
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { configureTextEncoding, getTextEncoding } from '@bufbuild/protobuf/wire';
import type { MethodDefinition } from '@grpc/grpc-js';
import { GRPCInferenceService } from './generated/grpc_service_pb.js';

/** A method for grpc-js: it sends what a message can be made of, and receives whole messages. */
export type GrpcMethod<Method extends DescMethod> = MethodDefinition<
  MessageInitShape<Method['input']>,
  MessageShape<Method['output']>
>;

export type GrpcMethods<Service extends DescService> = {
  readonly [Name in keyof Service['method']]: GrpcMethod<Service['method'][Name]>;
};

/** The methods of a service under their names in camel case, for clients and servers of grpc-js. */
export function grpcMethods<Service extends DescService>({ methods }: Service): GrpcMethods<Service> {
  const entries = methods.map((method) => [method.localName, grpcMethod(method)] as const);
  return Object.fromEntries(entries) as object as GrpcMethods<Service>;
}

function grpcMethod({ parent, name, methodKind, input, output }: DescMethod): GrpcMethod<DescMethod> {
  return {
    path: `/${parent.typeName}/${name}`,
    requestStream: methodKind === 'client_streaming' || methodKind === 'bidi_streaming',
    responseStream: methodKind === 'server_streaming' || methodKind === 'bidi_streaming',
    requestSerialize: (message) => encode(input, message),
    requestDeserialize: (bytes) => decode(input, bytes),
    responseSerialize: (message) => encode(output, message),
    responseDeserialize: (bytes) => decode(output, bytes),
  };
}

/** A message on the wire, from as much of it as is not left at its default. */
export function encode<Desc extends DescMessage>(schema: Desc, message: MessageInitShape<Desc>): Buffer {
  const { buffer, byteOffset, byteLength } = toBinary(schema, create(schema, message));
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Fields that are newer than ours are left out. */
export function decode<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  return fromBinary(schema, bytes, { readUnknownFields: false });
}

/**
 * Protobuf refuses a whole message for one text that is no UTF-8. A server passes on what models and files say, whatever
 * that is: it is shown with replacement characters.
 */
const text = getTextEncoding();
configureTextEncoding({ ...text, decodeUtf8: (bytes) => text.decodeUtf8(bytes) });

export const SERVICE = grpcMethods(GRPCInferenceService);
