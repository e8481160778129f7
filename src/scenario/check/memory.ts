import type { ServedModel } from '../scenario.js';
import type { LocatedDevice } from './devices.js';
import type { Findings } from './findings.js';

/**
 * Checks that what a server's models keep on each device fits into its memory: each model once, and
 * what each instance needs besides. Models whose memory is not known are left out and named.
 */
export function checkMemory(
  server: string,
  devices: readonly LocatedDevice[],
  models: readonly ServedModel[],
  findings: Findings,
): void {
  for (const [index, { device }] of devices.entries()) {
    const unknown = usesOf(models, index)
      .filter((use) => !use.known)
      .map((use) => use.model);
    if (unknown.length > 0) {
      findings.warn(
        'assumed-parameter',
        `${server}/${device.name}`,
        `the profiles do not know the memory of ${unknown.join(', ')}, so it is not checked whether the placement fits`,
      );
    }
  }
  checkMemoryOf(devices, models, findings);
}

/** The same without a word of models whose memory is not known. */
export function checkMemoryOf(
  devices: readonly LocatedDevice[],
  models: readonly ServedModel[],
  findings: Findings,
): void {
  for (const [index, { device, path }] of devices.entries()) {
    const uses = usesOf(models, index);
    const needed = uses.reduce((sum, use) => sum + use.memoryMb, 0);
    if (needed <= device.memoryMb) continue;
    const split = uses.map((use) => `${use.model} ${Math.ceil(use.memoryMb)} (${use.instances} instances)`);
    findings.problem(
      path,
      `the models on ${device.name} need ${Math.ceil(needed)} MiB of its ${device.memoryMb} MiB: ${split.join(', ')}`,
      'serve fewer models or instances there, or take a larger device',
    );
  }
}

interface MemoryUse {
  readonly model: string;
  readonly instances: number;
  readonly memoryMb: number;
  readonly known: boolean;
}

function usesOf(models: readonly ServedModel[], device: number): MemoryUse[] {
  return models.map((model) => memoryUse(model, device)).filter((use) => use !== undefined);
}

function memoryUse({ config, instances }: ServedModel, device: number): MemoryUse | undefined {
  const here = instances.filter((instance) => instance.device === device);
  const first = here[0];
  if (first === undefined) return undefined;
  const { modelMb, perInstanceMb, known } = first.profile.memory;
  return {
    model: config.name,
    instances: here.length,
    memoryMb: known ? modelMb + perInstanceMb * here.length : 0,
    known,
  };
}
