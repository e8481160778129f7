import { connect } from 'node:tls';
import { socketAddress } from './address.js';

const ANSWERS_WITHIN_MS = 1000;

/**
 * Whether something at `host:port` answers a TLS greeting. A server that wants TLS and a web server both hang up
 * on plain gRPC without a word; this tells them apart. Nothing is trusted and nothing is sent.
 */
export function speaksTls(target: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({
      ...socketAddress(target),
      rejectUnauthorized: false,
      timeout: ANSWERS_WITHIN_MS,
    });
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
