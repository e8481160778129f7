import { connect } from 'node:tls';

/**
 * Whether something at `host:port` answers a TLS greeting. A server that wants TLS and a web server both hang up
 * on plain gRPC without a word; this tells them apart. Nothing is trusted and nothing is sent.
 */
export function speaksTls(target: string, timeoutMs = 1000): Promise<boolean> {
  const [, host = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(target) ?? [];
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false, timeout: timeoutMs });
    const answer = (isTls: boolean) => {
      socket.destroy();
      resolve(isTls);
    };
    socket.once('secureConnect', () => answer(true));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
    socket.once('close', () => answer(false));
  });
}
