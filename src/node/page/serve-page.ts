import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { contentSecurityPolicy } from './make-page.js';

export interface ServedPage {
  /** With the token, without which nothing is given. */
  readonly url: string;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

/**
 * Serves a page on this machine alone, at a port and under a token that nobody can guess. Who asks under another name
 * than the loopback address, as a web page elsewhere would have to, gets nothing.
 * @param port 0: any that is free
 * @throws Error where the port is taken
 */
export async function servePage(page: string, port = 0): Promise<ServedPage> {
  const path = `/${randomBytes(16).toString('base64url')}/`;
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentSecurityPolicy(page),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
  const server = createServer(({ method, url, headers: { host } }, response) => {
    const isOurs = host === `${HOST}:${(server.address() as AddressInfo).port}`;
    if (isOurs && url === path && (method === 'GET' || method === 'HEAD'))
      response.writeHead(200, headers).end(method === 'HEAD' ? undefined : page);
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('nothing here\n');
  });
  await listen(server, port);
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${taken}${path}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
