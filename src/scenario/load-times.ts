import { scaledProcess } from '../trace/synthesis/scaled-process.js';
import type { LoadSpec } from './spec/tenant-spec.js';

/** A load at so many times its rate; of a closed loop so many times its clients, at least one. */
export function loadTimes(load: LoadSpec, factor: number): LoadSpec {
  const { process, trace, closedLoop } = load;
  if (factor === 1) return load;
  return {
    ...load,
    ...(process && { process: scaledProcess(process, factor) }),
    ...(trace && { trace: { ...trace, scaleRate: trace.scaleRate * factor } }),
    ...(closedLoop && {
      closedLoop: { ...closedLoop, concurrency: Math.max(1, Math.round(closedLoop.concurrency * factor)) },
    }),
  };
}
