import type { IncomingHttpHeaders } from 'node:http2';
import { status } from '@grpc/grpc-js';

/** How a call ended that did not succeed: gRPC's code and the text that goes with it, as grpc-js gives them. */
export interface CallError {
  readonly code: status;
  readonly details: string;
}

export const DROPPED: CallError = { code: status.UNAVAILABLE, details: 'Connection dropped' };
/** The connection was given up; `what` the server did. */
export function misbehaved(what: string): CallError {
  return { code: status.UNAVAILABLE, details: `Connection dropped: the server ${what}` };
}

export const GONE_AWAY: CallError = {
  code: status.UNAVAILABLE,
  details: 'the server is going away (GOAWAY)',
};

export function deadlineExceeded(deadlineMs: number): CallError {
  return {
    code: status.DEADLINE_EXCEEDED,
    details: `Deadline exceeded after ${deadlineMs} ms, remote_addr known`,
  };
}

export function tooLarge(bytes: number, mostBytes: number): CallError {
  return {
    code: status.RESOURCE_EXHAUSTED,
    details: `Received message larger than max (${bytes} vs ${mostBytes})`,
  };
}

/** What gRPC makes of HTTP statuses that come in place of a status of its own (grpc `http-grpc-status-mapping.md`). */
export const OF_HTTP: Readonly<Record<string, status>> = {
  400: status.INTERNAL,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.UNIMPLEMENTED,
  // What Triton's page of metrics answers to a request.
  405: status.UNIMPLEMENTED,
  429: status.UNAVAILABLE,
  502: status.UNAVAILABLE,
  503: status.UNAVAILABLE,
  504: status.UNAVAILABLE,
};

/** Undefined for success. `headers` are the last of the call. */
export function errorOf(headers: IncomingHttpHeaders, httpStatus: string | undefined): CallError | undefined {
  const code = headers['grpc-status'];
  if (code === undefined) {
    return {
      code: OF_HTTP[httpStatus ?? ''] ?? status.UNKNOWN,
      details: `Received HTTP status code ${httpStatus ?? 'none'} without a gRPC status`,
    };
  }
  if (code === '0') return undefined;
  return { code: Number(code), details: percentDecoded(String(headers['grpc-message'] ?? '')) };
}

/** HTTP/2's reasons for resetting a stream (RFC 9113 chapter 7) as grpc-js tells them. */
export function errorOfReset(reason: number): CallError {
  const details = `Received RST_STREAM with code ${reason}`;
  if (reason === REFUSED_STREAM) return { code: status.UNAVAILABLE, details: 'Stream refused by server' };
  if (reason === CANCEL) return { code: status.CANCELLED, details };
  if (reason === ENHANCE_YOUR_CALM) return { code: status.RESOURCE_EXHAUSTED, details };
  return { code: status.INTERNAL, details };
}

const REFUSED_STREAM = 7;
const CANCEL = 8;
const ENHANCE_YOUR_CALM = 11;

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
