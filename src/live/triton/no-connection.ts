import { unreachable } from '../errors.js';
import { LiveError } from '../inference-client.js';

interface Reason {
  readonly says: RegExp;
  /** Whether it only counts for connections with or without TLS; both where left out. */
  readonly isSecure?: boolean;
  readonly what: string;
  readonly remedy: string;
}

/** Why a TLS connection, or a plain one to a TLS server, does not come about, by what OpenSSL and Node say. */
const TLS_REASONS: readonly Reason[] = [
  {
    says: /wrong version number|packet length too long|http request/i,
    what: 'the server does not speak TLS on this port',
    remedy: 'connect without TLS (grpc://), or start the server with --grpc-use-ssl',
  },
  {
    says: /altnames/i,
    what: "the server's certificate is for another name",
    remedy: 'connect by the name in the certificate, or give that name as the server name (--tls-name)',
  },
  {
    says: /has expired|not yet valid/i,
    what: "the server's certificate is not valid now",
    remedy: 'renew the certificate, or set the clock right',
  },
  {
    says: /alert (certificate|bad certificate|unknown ca|handshake failure|unsupported certificate)/i,
    what: 'the server wants a client certificate that it trusts',
    remedy:
      'give a client certificate and its key (--tls-cert, --tls-key), signed by the authority that the server trusts',
  },
  {
    says: /certificate|issuer/i,
    what: "the server's certificate is signed by nobody that is trusted here",
    remedy: 'give the certificate of its authority as the root certificate (--tls-ca)',
  },
  {
    says: /SSL routines|ERR_SSL|ERR_TLS|\btls\b/i,
    what: 'TLS with the server does not come about',
    remedy: 'check the TLS settings of both sides',
  },
  {
    says: /Failed to connect|ECONNRESET|socket hang up/i,
    isSecure: false,
    what: 'the server hangs up on connections without TLS',
    remedy: 'connect with TLS (grpcs://), and check that this is the gRPC port (Triton: 8001)',
  },
  // Triton's gRPC library does so without an alert where it misses a client certificate.
  {
    says: /Failed to connect|ECONNRESET|socket hang up/i,
    isSecure: true,
    what: 'the server hangs up on this TLS connection',
    remedy: 'give a client certificate and its key if it asks for one, and check that this is the gRPC port',
  },
];

/** What grpc-js says about a connection it could not make, for people. `details` is one line. */
export function explainNoConnection(
  details: string,
  {
    url,
    isSecure,
    hasAnswered,
  }: { readonly url: string; readonly isSecure: boolean; readonly hasAnswered: boolean },
): LiveError {
  if (/Name resolution failed/.test(details)) return unreachable(url, 'no such host');
  const cause = causeOf(details);
  if (hasAnswered) return unreachable(url, cause);
  if (/Protocol error/i.test(cause)) return notGrpc(url);
  const reason = TLS_REASONS.find(
    (each) => each.says.test(cause) && (each.isSecure === undefined || each.isSecure === isSecure),
  );
  if (reason !== undefined) return new LiveError('tls', `${url}: ${reason.what} (${cause})`, reason.remedy);
  return unreachable(url, cause);
}

/** Something listens there, but no gRPC server. */
export function notGrpc(url: string): LiveError {
  return new LiveError(
    'unreachable',
    `${url}: what answers there does not speak gRPC`,
    "give the server's gRPC port (Triton: 8001; 8000 is HTTP)",
  );
}

/** The error inside grpc-js's sentence, without its time stamp and OpenSSL's places in source files. */
function causeOf(details: string): string {
  const [, cause = details] = /Last error: (.*?)(?:\. Resolution note:.*)?$/.exec(details) ?? [];
  const [, text = cause] = /SSL routines:[^:]*:([^:]+):/.exec(cause) ?? [];
  return text
    .replace(/^Error(?: \[\w+\])?: /, '')
    .replace(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)/, '')
    .trim();
}
