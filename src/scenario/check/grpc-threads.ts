import type { Path } from '../../base/path.js';
import type { TritonSpec } from '../spec/triton-spec.js';
import type { Findings } from './findings.js';

/** Threads that Triton's front ends start by default. */
export const FRONT_END_THREADS = { grpc: 2, http: 8 } as const;

/** From this release on the number of gRPC threads can be chosen (server PR #8061) ... */
export const GRPC_THREADS_SINCE = '25.04';
/** ... within these bounds: with others the server does not start (server qa/L0_grpc). */
const GRPC_THREADS = { min: 2, max: 128 } as const;

/** Finds a number of threads with which the server would never come up. */
export function checkGrpcThreads(
  { version, protocol, frontEndThreads = GRPC_THREADS.min }: TritonSpec,
  path: Path,
  findings: Findings,
): void {
  if (protocol !== 'grpc' || version < GRPC_THREADS_SINCE) return;
  if (frontEndThreads >= GRPC_THREADS.min && frontEndThreads <= GRPC_THREADS.max) return;
  findings.problem(
    [...path, 'frontEndThreads'],
    `Triton ${version} does not start with ${frontEndThreads} gRPC threads`,
    `write ${GRPC_THREADS.min} to ${GRPC_THREADS.max}`,
  );
}
