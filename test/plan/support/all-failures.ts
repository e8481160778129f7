import type { Placement } from '../../../src/plan/placement.js';

/** The placement less each machine, or each GPU. */
export function allFailures({ machines }: Placement, lost: 'machine' | 'gpu'): Placement[] {
  if (lost === 'machine')
    return machines.map((_, m) => ({ machines: machines.filter((_, other) => other !== m) }));
  return machines.flatMap(({ gpus }, m) =>
    gpus.map((_, g) => ({
      machines: machines
        .map((own, other) => (other === m ? { ...own, gpus: own.gpus.filter((_, gpu) => gpu !== g) } : own))
        .filter((own) => own.gpus.length > 0),
    })),
  );
}
