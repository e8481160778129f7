import type { InferredOptionTypes } from 'yargs';
import { given } from '../../../base/given.js';
import { InputError, placed } from '../../../base/problem.js';
import type { InferenceClient } from '../../../live/inference-client.js';
import type { TritonOptions } from '../../../live/triton/connect.js';
import { secondsOf } from '../../duration.js';
import { gatherProblems } from '../../gather-problems.js';
import { headersOf, requireQuoted } from '../../header-option.js';
import { refuseUnused } from '../../unused-options.js';

/** Options of every command that talks to a live server. */
export const serverOptions = {
  url: {
    type: 'string',
    demandOption: true,
    describe: 'gRPC address of the server: host:port, grpc://host:port or grpcs://host:port for TLS',
  },
  'tls-ca': { type: 'string', describe: 'PEM file of the authorities to trust' },
  'tls-cert': { type: 'string', describe: 'PEM file of the client certificate' },
  'tls-key': { type: 'string', describe: 'PEM file of its key' },
  'tls-name': { type: 'string', describe: "Name on the server's certificate, where it is not the host" },
  header: {
    type: 'string',
    array: true,
    nargs: 1,
    coerce: requireQuoted,
    describe:
      "Metadata to send with each call, as name=value or 'name: value'; may be repeated, also with the same name",
  },
  deadline: { type: 'string', default: '30s', describe: 'Time that a call may take' },
  'max-answer': {
    type: 'number',
    default: 256,
    describe: 'Largest answer of an inference in MiB; a larger one is an error',
  },
} as const;

export const TLS_OPTIONS = ['tls-ca', 'tls-cert', 'tls-key', 'tls-name'] as const;

type ServerArguments = InferredOptionTypes<typeof serverOptions>;

/**
 * How to connect to each of the addresses; those of HTTP are checked only.
 * @throws InputError with everything in the options that cannot be used
 */
export async function readServerOptions(
  args: Omit<ServerArguments, 'url'>,
  urls: readonly string[],
  httpUrls: readonly string[] = [],
): Promise<TritonOptions[]> {
  const { parseAddress, parseHttpAddress } = await import('../../../live/triton/address.js');
  const [deadlineMs, maxAnswerBytes, metadata, tls] = await gatherProblems(
    () => deadlineOf(args.deadline),
    () => answerBytesOf(args['max-answer']),
    () => headersOf(args.header ?? []),
    () => readTls(args),
    () => requireUseOfTls(args, urls),
    ...urls.map((url) => () => placed({ path: '--url' }, () => parseAddress(url))),
    ...httpUrls.map((url) => () => placed({ path: '--http-url' }, () => parseHttpAddress(url))),
  );
  // Certificates make a connection one with TLS, also where its own address says that it is none.
  const tlsOf = (url: string) => (tls !== undefined && parseAddress(url).isSecure ? { tls } : {});
  return urls.map((url) => ({ url, deadlineMs, maxAnswerBytes, metadata, ...tlsOf(url) }));
}

/**
 * Connects and makes sure that the server is there.
 * @throws LiveError when it cannot be reached
 */
export async function connectTo(options: TritonOptions): Promise<InferenceClient> {
  const { connectTriton } = await import('../../../live/triton/connect.js');
  const client = connectTriton(options);
  try {
    await client.serverFacts();
  } catch (error) {
    client.close();
    throw error;
  }
  return client;
}

/** Plain text would be sent to a server of which somebody expects to be spoken to over TLS. */
function requireUseOfTls(args: Omit<ServerArguments, 'url'>, urls: readonly string[]): void {
  // Another scheme is TLS, or a mistake that is told by itself.
  if (urls.some((url) => /^(?!grpc:)\w+:\/\//i.test(url.trim()))) return;
  refuseUnused(
    Object.fromEntries(TLS_OPTIONS.map((name) => [name, args[name]])),
    'where no --url asks for TLS',
    'write --url grpcs://host:port, or leave it out',
  );
}

async function readTls(args: Omit<ServerArguments, 'url'>) {
  const { 'tls-ca': rootCertificates, 'tls-cert': clientCertificate, 'tls-key': clientKey } = args;
  const files = given({ rootCertificates, clientCertificate, clientKey, serverName: args['tls-name'] });
  if (Object.keys(files).length === 0) return undefined;
  const { channelCredentials, readTlsFiles } = await import('../../../live/triton/credentials.js');
  const tls = await readTlsFiles(files);
  channelCredentials(true, tls);
  return tls;
}

/** A day. Timers of more than 24 days fire at once. */
const LONGEST_DEADLINE_S = 86_400;

function deadlineOf(text: string): number {
  const seconds = secondsOf('--deadline', text);
  if (seconds <= LONGEST_DEADLINE_S) return seconds * 1000;
  throw InputError.of(`${text} is too long`, 'write at most 24h', { path: '--deadline' });
}

/** The length of a gRPC message has 32 bits. */
const LARGEST_ANSWER_MIB = 4096;

function answerBytesOf(mib: number): number {
  if (mib > 0 && mib <= LARGEST_ANSWER_MIB) return Math.ceil(mib * 2 ** 20);
  const remedy = `write MiB above 0, at most ${LARGEST_ANSWER_MIB}`;
  throw InputError.of(`${mib} is no size`, remedy, { path: '--max-answer' });
}
