import { type ChildProcess, spawn } from 'node:child_process';
import { Client, credentials } from '@grpc/grpc-js';
import { type InferenceClient, LiveError } from '../../../src/live/inference-client.js';
import { fakeClient } from './fake-client.js';

/** Starts `echo-server.ts`; resolves with its address. */
export async function startEchoServer(): Promise<{ url: string; process: ChildProcess }> {
  const child = spawn(process.execPath, ['--import', 'tsx', `${import.meta.dirname}/echo-server.ts`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const port = await new Promise<string>((resolve) =>
    child.stdout.once('data', (data) => resolve(String(data).trim())),
  );
  return { url: `127.0.0.1:${port}`, process: child };
}

/** A client of the echo server over real gRPC. Named in recipes for worker threads. */
export function connectEcho({ url }: { readonly url: string }): InferenceClient {
  const client = new Client(url, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  const identity = (bytes: Buffer) => bytes;
  const send: InferenceClient['send'] = ({ bytes }, done) => {
    client.makeUnaryRequest('/echo/Echo', identity, identity, bytes as Buffer, (error) =>
      done(error === null ? undefined : new LiveError('lost', error.message, 'start the server')),
    );
  };
  const prepare: InferenceClient['prepare'] = ({ model, batchSize }) => ({
    model,
    batchSize,
    bytes: Buffer.alloc(1024),
  });
  const ping = () =>
    new Promise<void>((resolve, reject) =>
      send(prepare({ model: '', batchSize: 1, inputs: [] }), (error) => (error ? reject(error) : resolve())),
    );
  return fakeClient(send, { url, prepare, ping, close: () => client.close() });
}
