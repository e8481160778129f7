import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type Server, ServerCredentials } from '@grpc/grpc-js';
import type { MemoryTritonOptions } from './memory-triton.js';

/** Listens, and knows its connections so that it can break them. */
export async function openGate(server: Server, options: MemoryTritonOptions) {
  const injector = server.createConnectionInjector(serverCredentials(options.tls));
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    injector.injectConnection(socket);
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  return {
    port: (listener.address() as AddressInfo).port,
    connections: () => sockets.size,
    close: () =>
      new Promise<void>((resolve) => {
        listener.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** The contents of a file in test/fixtures/tls. */
export function tlsFixture(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, '../fixtures/tls', name));
}

function serverCredentials(tls: MemoryTritonOptions['tls']): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { certificate, clientAuthority } = tls;
  const pair = {
    cert_chain: tlsFixture(`${certificate}.pem`),
    private_key: tlsFixture(`${certificate}.key`),
  };
  const authority = clientAuthority === undefined ? null : tlsFixture(`${clientAuthority}.pem`);
  return ServerCredentials.createSsl(authority, [pair], authority !== null);
}
