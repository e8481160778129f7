import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LiveError } from '../../../src/live/inference-client.js';
import { connectTriton, type TritonOptions } from '../../../src/live/triton/connect.js';
import { readTlsFiles } from '../../../src/live/triton/credentials.js';
import { tlsFixture } from '../../support/memory-gate.js';
import { type MemoryTriton, startMemoryTriton } from '../../support/memory-triton.js';

const servers = {} as Record<'plain' | 'secure' | 'mutual' | 'elsewhere', MemoryTriton>;
let web: Server;

beforeAll(async () => {
  servers.plain = await startMemoryTriton();
  servers.secure = await startMemoryTriton({ tls: { certificate: 'server' } });
  servers.mutual = await startMemoryTriton({ tls: { certificate: 'server', clientAuthority: 'authority' } });
  servers.elsewhere = await startMemoryTriton({ tls: { certificate: 'elsewhere' } });
  web = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
  await new Promise((resolve) => web.once('listening', resolve));
});

afterAll(async () => {
  for (const server of Object.values(servers)) await server.stop();
  web.close();
});

/** What a first call comes to: `answered`, or the error. */
async function firstCall(options: TritonOptions): Promise<'answered' | LiveError> {
  const client = connectTriton({ deadlineMs: 5000, ...options });
  try {
    await client.ping();
    return 'answered';
  } catch (error) {
    return error as LiveError;
  } finally {
    client.close();
  }
}

const rootCertificates = tlsFixture('authority.pem');
const clientPair = {
  clientCertificate: tlsFixture('client.pem'),
  clientKey: tlsFixture('client.key'),
};
/** By name: TLS to a bare address makes Node warn. */
const secureUrl = (server: MemoryTriton) => `grpcs://${server.url.replace('127.0.0.1', 'localhost')}`;
const webUrl = () => `127.0.0.1:${(web.address() as AddressInfo).port}`;

describe('TLS', () => {
  it('works where the certificate is signed by a given authority', async () => {
    expect(await firstCall({ url: secureUrl(servers.secure), tls: { rootCertificates } })).toBe('answered');
  });

  it('works with a client certificate that the server asks for', async () => {
    const tls = { rootCertificates, ...clientPair };
    expect(await firstCall({ url: secureUrl(servers.mutual), tls })).toBe('answered');
  });

  it('works under another name than that in the address', async () => {
    const tls = { rootCertificates, serverName: 'triton.example' };
    expect(await firstCall({ url: secureUrl(servers.elsewhere), tls })).toBe('answered');
  });

  it.each<[string, () => TritonOptions, RegExp]>([
    ['a plain client', () => ({ url: servers.secure.url }), /hangs up on connections without TLS/],
    ['a plain server', () => ({ url: secureUrl(servers.plain) }), /does not speak TLS/],
    [
      'an unknown authority',
      () => ({ url: secureUrl(servers.secure), tls: { rootCertificates: tlsFixture('stranger.pem') } }),
      /signed by nobody that is trusted here/,
    ],
    ['no authority', () => ({ url: secureUrl(servers.secure) }), /signed by nobody that is trusted here/],
    [
      'a certificate for another name',
      () => ({ url: secureUrl(servers.elsewhere), tls: { rootCertificates } }),
      /is for another name/,
    ],
    [
      'a missing client certificate',
      () => ({ url: secureUrl(servers.mutual), tls: { rootCertificates } }),
      /wants a client certificate/,
    ],
  ])('does not come about with %s, and says so', async (_, options, message) => {
    const { url } = options();
    const error = (await firstCall(options())) as LiveError;
    expect(error).toMatchObject({ kind: 'tls', message: expect.stringMatching(message) });
    expect(error.message.startsWith(`${url}: `)).toBe(true);
    expect(error.message).not.toMatch(/\.c:\d|\n/);
    expect(error.remedy).not.toBe('');
  });
});

describe('certificates that cannot be used are refused before anything is sent:', () => {
  const url = 'grpcs://localhost:8001';
  it.each([
    ['a certificate without its key', { clientCertificate: clientPair.clientCertificate }, /without its key/],
    ['a key without its certificate', { clientKey: clientPair.clientKey }, /without its certificate/],
    [
      'the key of another certificate',
      { ...clientPair, clientKey: tlsFixture('server.key') },
      /cannot be used/,
    ],
    ['a root that is none', { rootCertificates: Buffer.from('hello') }, /is no certificate/],
    [
      'a certificate that is none',
      { ...clientPair, clientCertificate: Buffer.from('') },
      /is no certificate/,
    ],
  ])('%s', (_, tls, message) => {
    expect(() => connectTriton({ url, tls })).toThrow(message);
  });

  it('every file that cannot be read is named', async () => {
    const files = { rootCertificates: '/nowhere/ca.pem', clientKey: '/nowhere/client.key' };
    await expect(readTlsFiles(files)).rejects.toMatchObject({
      name: 'InputError',
      message: expect.stringMatching(/ca\.pem: cannot be read \(ENOENT\)[\s\S]*client\.key/),
    });
  });
});

describe('an address where no Triton answers', () => {
  it('is told where nothing listens', async () => {
    expect(await firstCall({ url: 'localhost:1' })).toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(/^localhost:1: nobody answers \(connect ECONNREFUSED/),
    });
  });

  it('is told where the host is unknown', async () => {
    expect(await firstCall({ url: 'no-such-host.invalid:8001' })).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('no such host'),
    });
  });

  it('is told where a web server answers', async () => {
    expect(await firstCall({ url: webUrl() })).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('does not speak gRPC'),
    });
    expect(await firstCall({ url: `grpcs://${webUrl()}`, tls: { serverName: 'localhost' } })).toMatchObject({
      kind: 'tls',
    });
  });

  it('is told where the other side hangs up', async () => {
    const rude = createTcpServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await new Promise((resolve) => rude.once('listening', resolve));
    const url = `127.0.0.1:${(rude.address() as AddressInfo).port}`;
    expect(await firstCall({ url })).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('does not speak gRPC'),
    });
    expect(await firstCall({ url: `grpcs://${url}`, tls: { serverName: 'localhost' } })).toMatchObject({
      kind: 'tls',
    });
    rude.close();
  });

  it('is told where the other side says nothing', async () => {
    const mute = createTcpServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const url = `127.0.0.1:${(mute.address() as AddressInfo).port}`;
    expect(await firstCall({ url, deadlineMs: 300 })).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('no connection within 300 ms'),
    });
    mute.close();
  });
});
