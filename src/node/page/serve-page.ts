import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { contentSecurityPolicy } from './make-page.js';
import type { Pages } from './open-target.js';

export interface ServedPage {
  /** With the token, without which nothing is given. */
  readonly url: string;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

/**
 * Serves pages on this machine alone, at a port and under a token that nobody can guess. Who asks under another name
 * than the loopback address, as a web page elsewhere would have to, gets nothing.
 * @param port 0: any that is free
 * @throws Error where the port is taken
 */
export async function servePages(pages: Pages, port = 0): Promise<ServedPage> {
  const root = `/${randomBytes(16).toString('base64url')}/`;
  const find = async ({ method = '', url = '', headers: { host } }: IncomingMessage) => {
    const isOurs = host === `${HOST}:${(server.address() as AddressInfo).port}` && url.startsWith(root);
    return isOurs && ['GET', 'HEAD'].includes(method) ? pages(url.slice(root.length)) : undefined;
  };
  const server = createServer((request, response) => {
    find(request).then(
      (page) => {
        if (page === undefined) response.writeHead(404, PLAIN).end('nothing here\n');
        else response.writeHead(200, headersOf(page)).end(request.method === 'HEAD' ? undefined : page);
      },
      (error: Error) => response.writeHead(500, PLAIN).end(`${error.message}\n`),
    );
  });
  await listen(server, port);
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${taken}${root}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const PLAIN = { 'content-type': 'text/plain; charset=utf-8' };

function headersOf(page: string) {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentSecurityPolicy(page),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
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
