import { type ChildProcess, spawn } from 'node:child_process';
import { type InferenceClient, LiveError } from '../../../src/live/inference-client.js';
import { UnaryChannel } from '../../../src/live/triton/unary-channel.js';
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

/** A client of the echo server over what carries inference requests. Named in recipes for worker threads. */
export function connectEcho({ url }: { readonly url: string }): InferenceClient {
  const channel = new UnaryChannel({
    target: url,
    path: '/echo/Echo',
    metadata: [],
    deadlineMs: 30_000,
    maxAnswerBytes: Infinity,
  });
  const send: InferenceClient['send'] = ({ bytes }, done) => {
    const isTaken = channel.tryCall(bytes, (error) =>
      done(error === undefined ? undefined : new LiveError('lost', error.details, 'start the server')),
    );
    if (!isTaken) setImmediate(done, new LiveError('lost', 'not connected', 'start the server'));
  };
  const prepare: InferenceClient['prepare'] = ({ model, batchSize }) => ({
    model,
    batchSize,
    bytes: Buffer.alloc(1024),
  });
  return fakeClient(send, { url, prepare, ping: () => channel.open(), close: () => channel.close() });
}
