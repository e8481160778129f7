import type { Argv, InferredOptionTypes } from 'yargs';
import { InputError } from '../../base/problem.js';
import type { InferenceClient } from '../../live/inference-client.js';
import type { TritonOptions } from '../../live/triton/connect.js';

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
  header: { type: 'string', array: true, describe: 'Metadata to send with each call, as name=value' },
  deadline: { type: 'number', default: 30, describe: 'Seconds that a call may take' },
} as const;

export function withServerOptions<T>(yargs: Argv<T>) {
  return yargs.options(serverOptions);
}

export type ServerArguments = InferredOptionTypes<typeof serverOptions>;

/**
 * Connects to the server that the options name and makes sure that it is there.
 * @throws InputError for options that cannot be used; LiveError when the server cannot be reached
 */
export async function connectTo(
  args: ServerArguments,
): Promise<{ client: InferenceClient; options: TritonOptions }> {
  const { connectTriton } = await import('../../live/triton/connect.js');
  const { readTlsFiles } = await import('../../live/triton/credentials.js');
  const files = {
    ...(args['tls-ca'] !== undefined && { rootCertificates: args['tls-ca'] }),
    ...(args['tls-cert'] !== undefined && { clientCertificate: args['tls-cert'] }),
    ...(args['tls-key'] !== undefined && { clientKey: args['tls-key'] }),
    ...(args['tls-name'] !== undefined && { serverName: args['tls-name'] }),
  };
  const options: TritonOptions = {
    url: args.url,
    deadlineMs: deadlineMs(args.deadline),
    metadata: headersOf(args.header ?? []),
    ...(Object.keys(files).length > 0 && { tls: await readTlsFiles(files) }),
  };
  const client = connectTriton(options);
  try {
    await client.serverFacts();
  } catch (error) {
    client.close();
    throw error;
  }
  return { client, options };
}

function deadlineMs(seconds: number): number {
  if (Number.isFinite(seconds) && seconds > 0) return seconds * 1000;
  throw new InputError([
    { path: '--deadline', what: `${seconds} is no time`, remedy: 'write seconds above 0' },
  ]);
}

function headersOf(lines: readonly string[]): Record<string, string> {
  const wrong = lines.filter((line) => line.indexOf('=') < 1);
  if (wrong.length > 0) {
    throw new InputError(
      wrong.map((line) => ({ path: '--header', what: `"${line}" is no header`, remedy: 'write name=value' })),
    );
  }
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}
