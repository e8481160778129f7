import { LiveError } from './inference-client.js';

export function unreachable(address: string, detail: string): LiveError {
  return new LiveError(
    'unreachable',
    `${address}: nobody answers (${detail})`,
    'check that the server is running and that host and port are right (Triton: 8001 for gRPC, 8002 for metrics)',
  );
}

export function deadlinePassed(address: string, call: string, deadlineMs: number): LiveError {
  return new LiveError(
    'deadline',
    `${address}: no answer to ${call} within ${deadlineMs} ms`,
    'raise the deadline, or look at what keeps the server busy',
  );
}

export function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, ' ').trim();
}
