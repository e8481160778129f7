import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createPlainServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { InputError } from '../../../../src/base/problem.js';
import type {
  InferenceClient,
  InferRequest,
  InputTensor,
  LiveError,
} from '../../../../src/live/inference-client.js';
import { connectTriton, type TritonOptions } from '../../../../src/live/triton/connect.js';

const tidyUp: (() => unknown)[] = [];
afterEach(() => {
  for (const each of tidyUp.splice(0)) each();
});

const FLOATS = new Uint8Array(new Float32Array([1, 2]).buffer);
const REQUEST: InferRequest = {
  model: 'a model',
  version: '3',
  batchSize: 1,
  inputs: [
    { name: 'A', dataType: 'TYPE_FP32', shape: [1, 2], data: FLOATS },
    { name: 'B', dataType: 'TYPE_STRING', shape: [1, 1], data: Uint8Array.of(1, 0, 0, 0, 0x78) },
  ],
  priority: 2,
  outputs: [{ name: 'C' }],
};

async function clientOf(server: Server, options: Partial<TritonOptions> = {}) {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const httpUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = connectTriton({ url: '127.0.0.1:1', httpUrl, ...options });
  tidyUp.push(
    () => client.close(),
    () => server.close(),
  );
  return client;
}

interface Received {
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly json: object;
  readonly tensors: Buffer;
  /** The client's port: equal for requests on one connection. */
  readonly port: number | undefined;
}

/** A server that speaks Triton's protocol as far as to take requests apart. */
async function answering(
  answer: (response: ServerResponse, nth: number) => void,
  options: Partial<TritonOptions> = {},
) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts);
      const length = Number(request.headers['inference-header-content-length']);
      received.push({
        path: request.url,
        headers: request.headers,
        json: JSON.parse(body.subarray(0, length).toString()),
        tensors: body.subarray(length),
        port: request.socket.remotePort,
      });
      answer(response, received.length);
    });
  });
  return { client: await clientOf(server, options), received };
}

/** A server that answers each request with these bytes and hangs up. */
function saying(text: string) {
  const server = createPlainServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(text, 'latin1'));
  });
  return clientOf(server);
}

function good(response: ServerResponse): void {
  const json = JSON.stringify({ outputs: [{ name: 'C', parameters: { binary_data_size: 8 } }] });
  response.setHeader('Inference-Header-Content-Length', json.length);
  response.end(Buffer.concat([Buffer.from(json), FLOATS]));
}

function infer(client: InferenceClient, request = client.prepare(REQUEST)): Promise<LiveError | undefined> {
  return new Promise((resolve) => client.send(request, resolve));
}

describe('inference over HTTP/REST', () => {
  it('sends a header in JSON and the tensors behind it, with the headers that were given', async () => {
    const { client, received } = await answering(good, { metadata: { 'X-Tenant': ['a', 'b'] } });
    expect(await infer(client)).toBeUndefined();
    const [{ path, headers, json, tensors }] = received as [Received];
    expect(path).toBe('/v2/models/a%20model/versions/3/infer');
    expect(headers['x-tenant']).toBe('a, b');
    expect(json).toEqual({
      parameters: { priority: 2, binary_data_output: true },
      inputs: [
        { name: 'A', datatype: 'FP32', shape: [1, 2], parameters: { binary_data_size: 8 } },
        { name: 'B', datatype: 'BYTES', shape: [1, 1], parameters: { binary_data_size: 5 } },
      ],
      outputs: [{ name: 'C', parameters: { binary_data: true } }],
    });
    expect(tensors).toEqual(Buffer.concat(REQUEST.inputs.map(({ data }) => data)));
  });

  it('names the places of tensors in shared memory in place of sending them', async () => {
    const { client, received } = await answering(good);
    const [first, second] = REQUEST.inputs as [InputTensor, InputTensor];
    const place = { region: 'r', offset: 64, bytes: 8 };
    const request = { ...REQUEST, inputs: [{ ...first, place }, second], outputs: [{ name: 'C', place }] };
    expect(await infer(client, client.prepare(request))).toBeUndefined();
    const parameters = {
      shared_memory_region: 'r',
      shared_memory_offset: 64,
      shared_memory_byte_size: 8,
    };
    expect(received[0]!.json).toMatchObject({
      inputs: [{ parameters }, { parameters: { binary_data_size: 5 } }],
      outputs: [{ name: 'C', parameters }],
    });
    expect(received[0]!.tensors).toEqual(Buffer.from(second.data));
  });

  it('marks a request with its place in a sequence and its content, also a second time', async () => {
    const { client, received } = await answering(good);
    const plain = client.prepare(REQUEST);
    const once = client.mark(plain, { sequence: { id: 7, starts: true, ends: false }, content: 5 });
    const twice = client.mark(once, { content: 6 });
    for (const each of [plain, once, twice]) expect(await infer(client, each)).toBeUndefined();
    const [first, marked, again] = received as [Received, Received, Received];
    expect(marked.json).toMatchObject({
      ...first.json,
      parameters: { sequence_id: 7, sequence_start: true, sequence_end: false, binary_data_output: true },
    });
    expect(again.json).toEqual(marked.json);
    const texts = received.map(({ tensors }) => tensors.subarray(8).toString('latin1'));
    expect(texts).toEqual(texts.map(() => '\x01\0\0\0x'));
    expect(new Set(received.map(({ tensors }) => tensors.toString('hex'))).size).toBe(3);
  });

  it('keeps connections, one for each request under way', async () => {
    const { client, received } = await answering(good);
    for (let i = 0; i < 3; i++) expect(await infer(client)).toBeUndefined();
    expect(new Set(received.map(({ port }) => port)).size).toBe(1);
    await Promise.all([infer(client), infer(client)]);
    expect(new Set(received.slice(3).map(({ port }) => port)).size).toBe(2);
  });

  it.each([
    [503, '[request id: <id_unknown>] Exceeds maximum queue size', 'queueFull'],
    [400, '[request id: <id_unknown>] Exceeds maximum queue size', 'queueFull'],
    [503, 'Request timeout expired', 'queueTimeout'],
    [404, "Request for unknown model: 'a model' is not found", 'modelNotReady'],
    [400, "unexpected inference input 'A'", 'invalid'],
    [500, 'the stub process has died', 'server'],
  ])(
    'answers of %i with "%s" mean the same as over gRPC, and the connection stays',
    async (code, error, kind) => {
      const { client, received } = await answering((response) => {
        response.statusCode = code;
        response.end(JSON.stringify({ error }));
      });
      expect(await infer(client)).toMatchObject({ kind, message: expect.stringContaining(error) });
      await infer(client);
      expect(received[1]!.port).toBe(received[0]!.port);
    },
  );

  it.each([404, 405])('an error of somebody who is no Triton is told by its status %i', async (code) => {
    const { client } = await answering((response) =>
      response.writeHead(code).end('<html>no such page</html>'),
    );
    const error = await infer(client);
    expect(error).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining(`HTTP status code ${code}`),
    });
    expect(error!.remedy).toContain('no Triton');
  });

  it('an answer that does not come in time fails, and the next request goes on', async () => {
    const { client } = await answering((response, nth) => nth > 1 && good(response), { deadlineMs: 200 });
    expect(await infer(client)).toMatchObject({ kind: 'deadline' });
    expect(await infer(client)).toBeUndefined();
  });

  it.each([
    ['says that it is', (response: ServerResponse) => response.writeHead(200, { 'content-length': 1001 })],
    ['is', (response: ServerResponse) => response.write(Buffer.alloc(1001))],
  ])('an answer that %s larger than allowed is not received', async (_, answer) => {
    const { client } = await answering(
      (response) => {
        answer(response);
        response.flushHeaders();
      },
      { maxAnswerBytes: 1000 },
    );
    expect(await infer(client)).toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('larger than max (1001 vs 1000)'),
    });
  });

  it.each([
    ['an answer that is cut', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"out', /dropped/],
    [
      'a chunked answer that is cut',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"ou',
      /dropped/,
    ],
    ['no answer', '', /dropped/],
    ['what is no HTTP', '\0\0\x12\x04\0\0\0\0\0', /no HTTP/],
    ['headers without end', `HTTP/1.1 200 OK\r\nA: ${'b'.repeat(100_000)}\r\n`, /no HTTP/],
    [
      'a switch of protocols',
      'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
      /dropped/,
    ],
    ['a length of JSON beyond the answer', jsonOf('9'), /9 bytes of its answer are JSON, which has 2/],
    ['a negative length of JSON', jsonOf('-1'), /-1 bytes/],
    ['two lengths of JSON', jsonOf('1\r\nInference-Header-Content-Length: 2'), /1, 2 bytes/],
  ])('%s is an error of a connection', async (_, text, message) => {
    const client = await saying(text);
    expect(await infer(client)).toMatchObject({ kind: 'lost', message: expect.stringMatching(message) });
  });

  it('what speaks gRPC on the port is told with the port that speaks HTTP', async () => {
    const client = await saying('\0\0\x12\x04\0\0\0\0\0');
    expect((await infer(client))!.remedy).toContain('HTTP port (Triton: 8000');
  });

  it('where nobody listens the request fails as unreachable', async () => {
    const client = connectTriton({ url: '127.0.0.1:1', httpUrl: 'http://127.0.0.1:1' });
    tidyUp.push(() => client.close());
    expect(await infer(client)).toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(/^http:\/\/127\.0\.0\.1:1: nobody answers \(connect ECONNREFUSED/),
    });
  });

  it('refuses streams, and addresses of something else', () => {
    const connect = (httpUrl: string) => connectTriton({ url: '127.0.0.1:1', httpUrl });
    const client = connect('localhost');
    tidyUp.push(() => client.close());
    expect(() => client.prepare({ ...REQUEST, isStream: true })).toThrow(/"a model" is decoupled.*HTTP/);
    for (const url of ['https://host:8000', 'grpc://host', 'http://me:secret@host', 'http://host/path', ''])
      expect(() => connect(url), url).toThrow(InputError);
    expect(() => connect('http://me:secret@host')).toThrow(/^(?!.*secret)/);
  });
});

function jsonOf(length: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: 2\r\nInference-Header-Content-Length: ${length}\r\n\r\n{}`;
}
