import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { status } from '@grpc/grpc-js';
import { isObject, parsedJson } from '../../../base/json.js';
import type { PreparedRequest } from '../../inference-client.js';
import { parseHttpAddress, socketAddress } from '../address.js';
import { type CallError, DROPPED, deadlineExceeded, misbehaved, OF_HTTP, tooLarge } from '../call-error.js';
import { isUnavailable } from '../grpc-errors.js';
import { byName } from '../headers.js';

export interface RestChannelOptions {
  /** `http://host:port` or `host:port`. */
  readonly url: string;
  /** Headers that go with each request; a name may come several times. */
  readonly metadata: readonly (readonly [name: string, value: string])[];
  readonly deadlineMs: number;
  readonly maxAnswerBytes: number;
}

/** What the JSON in front of the tensors is counted by. */
const JSON_BYTES = 'inference-header-content-length';
/** Of an error that is read; Triton's longest have some 1,500 characters. */
const MOST_ERROR_BYTES = 65_536;

/**
 * Inference requests over Triton's HTTP/REST protocol without TLS, whose answers are counted and not read. HTTP/1.1 has one request
 * at a time on a connection: there are as many as requests were ever under way at once, and they are kept open.
 * A request takes 0.19 to 0.33 ms of CPU time (two rounds of 1500 to a Triton on the same two busy cores, 2026-12-01).
 */
export class RestChannel {
  readonly url: string;
  readonly #options: RestChannelOptions;
  readonly #address: ReturnType<typeof socketAddress>;
  readonly #headers: Readonly<Record<string, string[]>>;
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: Infinity });

  /** @throws InputError where the address is none */
  constructor(options: RestChannelOptions) {
    this.url = options.url;
    this.#options = options;
    this.#address = socketAddress(parseHttpAddress(options.url));
    this.#headers = byName(options.metadata);
  }

  /** Makes a connection; why there is none the first request will say. */
  open(): Promise<void> {
    return new Promise((resolve) => this.#call('GET', '/v2/health/live', {}, undefined, () => resolve()));
  }

  /** Sends a request that was encoded for HTTP. `done` runs once, and not before this has returned. */
  infer({ bytes, rest }: PreparedRequest, done: (error: CallError | undefined) => void): void {
    const headers = {
      'content-type': 'application/octet-stream',
      'content-length': bytes.length,
      [JSON_BYTES]: rest!.jsonBytes,
    };
    this.#call('POST', rest!.path, headers, bytes, done);
  }

  /** Requests under way fail. */
  close(): void {
    this.#agent.destroy();
  }

  #call(
    method: string,
    path: string,
    headers: Readonly<Record<string, string | number>>,
    body: Uint8Array | undefined,
    done: (error: CallError | undefined) => void,
  ): void {
    const { deadlineMs } = this.#options;
    let call: ClientRequest | undefined;
    let isOver = false;
    const end = (error?: CallError) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      done(error);
    };
    const cut = (error: CallError) => {
      end(error);
      call?.destroy();
    };
    const timer = setTimeout(() => cut(deadlineExceeded(deadlineMs)), deadlineMs);
    try {
      const all = { ...this.#headers, ...headers };
      call = request({ ...this.#address, agent: this.#agent, method, path, headers: all });
      call.on('response', (answer) => this.#read(answer, end, cut));
      call.on('error', (error) => end(brokenBy(error)));
      call.on('close', () => end(DROPPED));
      call.end(body);
    } catch (error) {
      // A header that HTTP does not allow throws; callers of a callback expect the callback.
      setImmediate(cut, { code: status.INTERNAL, details: (error as Error).message });
    }
  }

  #read(answer: IncomingMessage, end: (error?: CallError) => void, cut: (error: CallError) => void): void {
    const { maxAnswerBytes } = this.#options;
    const isGood = answer.statusCode === 200;
    const said: Buffer[] = [];
    let bytes = 0;
    const announced = Number(answer.headers['content-length']);
    if (announced > maxAnswerBytes) return cut(tooLarge(announced, maxAnswerBytes));
    answer.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes > maxAnswerBytes) cut(tooLarge(bytes, maxAnswerBytes));
      else if (!isGood && bytes <= MOST_ERROR_BYTES) said.push(part);
    });
    answer.on('error', () => cut(DROPPED));
    answer.on('end', () => end(isGood ? cutShort(answer, bytes) : errorSaid(answer, Buffer.concat(said))));
  }
}

/** Whether the JSON of an answer is longer than the answer; where its length is not said, all of it is JSON. */
function cutShort({ headers }: IncomingMessage, bytes: number): CallError | undefined {
  const length = headers[JSON_BYTES];
  if (length === undefined || (/^\d+$/.test(String(length)) && Number(length) <= bytes)) return undefined;
  return misbehaved(`says that ${length} bytes of its answer are JSON, which has ${bytes}`);
}

/** gRPC's codes for those that Triton answers with (server `http_server.cc`, HttpCodeFromError). */
const OF_TRITON: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  404: status.NOT_FOUND,
  500: status.INTERNAL,
  501: status.UNIMPLEMENTED,
};

/** Old releases of Triton answer 400 to all: then its text tells. */
function errorSaid({ statusCode = 0 }: IncomingMessage, body: Buffer): CallError {
  const details = tritonError(body.toString());
  const ofHttp = OF_HTTP[statusCode] ?? status.UNKNOWN;
  if (details === undefined)
    return { code: ofHttp, details: `Received HTTP status code ${statusCode} without an error of Triton` };
  return { code: isUnavailable(details) ? status.UNAVAILABLE : (OF_TRITON[statusCode] ?? ofHttp), details };
}

function tritonError(text: string): string | undefined {
  const body = parsedJson(text);
  return isObject(body) && typeof body['error'] === 'string' ? body['error'] : undefined;
}

/** Node tries each address of a host, and gives the errors of all. */
function brokenBy(
  error: NodeJS.ErrnoException & { readonly errors?: readonly NodeJS.ErrnoException[] },
): CallError {
  const { code = '', syscall = '', message } = error.errors?.[0] ?? error;
  if (code.startsWith('HPE_')) return misbehaved(`sent what is no HTTP (${message})`);
  const isConnected = syscall !== 'connect' && syscall !== 'getaddrinfo';
  const what = isConnected ? 'Connection dropped:' : 'No connection established. Last error:';
  return { code: status.UNAVAILABLE, details: `${what} ${message}` };
}
