import { InputError } from '../../base/problem.js';

export interface Address {
  /** `host:port`, IPv6 hosts in brackets. */
  readonly target: string;
  readonly isSecure: boolean;
}

const GRPC_PORT = 8001;
const HTTP_PORT = 8000;

const REMEDY = 'write host:port, grpc://host:port, or grpcs://host:port for TLS';
const HTTP_REMEDY = 'write http://host:port; over TLS requests go by gRPC only';

/**
 * Reads `host:port`, `host`, `grpc://host:port` or `grpcs://host:port`; the port is 8001 where left out.
 * Throws an {@link InputError} for anything else.
 */
export function parseAddress(url: string): Address {
  const [scheme = 'grpc', rest] = schemeAndRest(url, REMEDY);
  const isSecure = scheme.toLowerCase() === 'grpcs';
  if (/^https?$/i.test(scheme)) {
    throw InputError.of(`"${url}" is an HTTP address`, `Triton's gRPC port is ${GRPC_PORT}; ${REMEDY}`);
  }
  if (!isSecure && scheme.toLowerCase() !== 'grpc') {
    throw InputError.of(`"${url}" has an unknown scheme "${scheme}"`, REMEDY);
  }
  return { target: parseTarget(rest, url, GRPC_PORT, REMEDY), isSecure };
}

/**
 * Host and port of `http://host:port`, `host:port` or `host`, IPv6 hosts in brackets; the port is 8000 where left out.
 * Throws an {@link InputError} for anything else.
 */
export function parseHttpAddress(url: string): string {
  const [scheme = 'http', rest] = schemeAndRest(url, HTTP_REMEDY);
  if (scheme.toLowerCase() !== 'http')
    throw InputError.of(`"${url}" is no address of plain HTTP`, HTTP_REMEDY);
  return parseTarget(rest, url, HTTP_PORT, HTTP_REMEDY);
}

function schemeAndRest(url: string, remedy: string): [scheme: string | undefined, rest: string] {
  if (url.includes('@')) {
    throw InputError.of(
      `"${withoutUser(url)}" with a user name before its host is no address of a server`,
      `send what proves who asks as a header; ${remedy}`,
    );
  }
  const [, scheme, rest = ''] = /^(?:([a-z][\w+.-]*):\/\/)?(.*)$/is.exec(url.trim()) ?? [];
  return [scheme, rest];
}

/** An address as it may be shown: who asks, and by which password, stays out of sight. */
export function withoutUser(url: string): string {
  return url.replace(/^((?:[a-z][\w+.-]*:\/\/)?).*@/is, '$1');
}

function parseTarget(rest: string, url: string, defaultPort: number, remedy: string): string {
  const parts = /^(\[[\da-f:.%a-z]+\]|[\w.-]+)(?::(\d{1,5}))?\/?$/i.exec(rest);
  const port = parts?.[2] === undefined ? defaultPort : Number(parts[2]);
  if (parts === null || port < 1 || port > 65_535) {
    throw InputError.of(`"${url}" is no address of a server`, remedy);
  }
  return `${parts[1]}:${port}`;
}

/** Host and port of a {@link Address.target}, as sockets of Node.js take them: IPv6 hosts without brackets. */
export function socketAddress(target: string): { readonly host: string; readonly port: number } {
  const [, host = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(target) ?? [];
  return { host, port: Number(port) };
}
