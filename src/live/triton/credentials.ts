import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import { InputError, ProblemList } from '../../base/problem.js';

/** Contents of PEM files. */
export interface TlsOptions {
  /** Certificates of the authorities to trust; absent: those that come with Node. */
  readonly rootCertificates?: Uint8Array;
  /** Client certificate, for servers that ask for one; `clientKey` belongs to it. */
  readonly clientCertificate?: Uint8Array;
  readonly clientKey?: Uint8Array;
  /** Name that the server's certificate bears, where it is not the host in the address. */
  readonly serverName?: string;
}

/** Paths of the PEM files; see {@link TlsOptions}. */
export interface TlsFiles {
  readonly rootCertificates?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly serverName?: string;
}

/** Reads the files that TLS needs. Throws an {@link InputError} that names every file that cannot be read. */
export async function readTlsFiles(files: TlsFiles): Promise<TlsOptions> {
  const problems = new ProblemList();
  const { serverName, ...paths } = files;
  const contents: Record<string, Uint8Array> = {};
  // One after the other: the problems stand in the order of the options, whichever read fails first.
  for (const [name, file] of Object.entries(paths)) contents[name] = await readPem(file, problems);
  problems.throwIfAny();
  return { ...contents, ...(serverName === undefined ? {} : { serverName }) };
}

async function readPem(file: string, problems: ProblemList): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    problems.add({ file, what: `cannot be read (${code})`, remedy: 'name an existing PEM file' });
    return new Uint8Array();
  }
}

/**
 * Credentials of a channel. Throws an {@link InputError} where certificates and key do not fit together;
 * whether the server accepts them only a call shows.
 */
export function channelCredentials(isSecure: boolean, tls: TlsOptions = {}): ChannelCredentials {
  if (!isSecure) return credentials.createInsecure();
  const { clientCertificate, clientKey, rootCertificates } = tls;
  if ((clientCertificate === undefined) !== (clientKey === undefined)) {
    const [given, missing] = clientKey === undefined ? ['certificate', 'key'] : ['key', 'certificate'];
    throw InputError.of(`a client ${given} without its ${missing}`, 'give both, or neither');
  }
  if (rootCertificates !== undefined) checkCertificate(rootCertificates, 'root certificate');
  if (clientCertificate !== undefined) checkCertificate(clientCertificate, 'client certificate');
  try {
    return credentials.createSsl(buffer(rootCertificates), buffer(clientKey), buffer(clientCertificate));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw InputError.of(
      `client certificate and key cannot be used (${reason})`,
      'give the key that belongs to the certificate, both as PEM, the key without a passphrase',
    );
  }
}

/** OpenSSL takes an empty list of authorities without a word and then trusts nobody. */
function checkCertificate(pem: Uint8Array, what: string): void {
  try {
    new X509Certificate(pem);
  } catch {
    throw InputError.of(
      `the ${what} is no certificate`,
      'give a PEM file that begins with BEGIN CERTIFICATE',
    );
  }
}

function buffer(bytes: Uint8Array | undefined): Buffer | null {
  return bytes === undefined ? null : Buffer.from(bytes);
}
