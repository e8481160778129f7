import { blankProfile } from './blank.js';
import { CPU_KIND } from './host-cores.js';
import type { ModelProfile } from './profile.js';

const SOURCE = 'a model that has others compute';

/** A profile of a model that costs nothing by itself: what it does, it has others do. On the host its `ownMs` keeps a core busy. */
export function costlessProfile(model: string, device: string): ModelProfile {
  const blank = blankProfile(model, device);
  return {
    ...blank,
    provenance: { ...blank.provenance, source: SOURCE, licence: 'none' },
    service: [{ batchSize: 1, inputMs: 0, inferMs: 0, outputMs: 0, executions: 0, relativeError: 0 }],
    hostCores: { ...blank.hostCores, infer: device === CPU_KIND ? 1 : 0 },
    memory: { ...blank.memory, known: true },
    region: { ...blank.region, maxInstances: Number.MAX_SAFE_INTEGER },
  };
}

/** Whether a profile is one of these: nothing in it was measured, and nothing of it can be doubted. */
export function isCostless({ provenance }: ModelProfile): boolean {
  return provenance.source === SOURCE;
}
