import { Server, ServerCredentials } from '@grpc/grpc-js';

/** A process of its own that answers every unary call at once; prints its port, ends with its parent. */
const identity = (bytes: Buffer) => bytes;
const server = new Server({ 'grpc.max_receive_message_length': -1 });
server.addService(
  {
    Echo: {
      path: '/echo/Echo',
      requestStream: false,
      responseStream: false,
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    },
  },
  { Echo: (_: unknown, answer: (error: null, bytes: Buffer) => void) => answer(null, Buffer.alloc(64)) },
);
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.stdout.write(`${port}\n`);
});
process.stdin.on('end', () => process.exit()).resume();
