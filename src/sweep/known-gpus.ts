import type { MachinePart } from '../cost/machine-price.js';

interface KnownGpu {
  readonly folder: string;
  /** With its price, or the rows of the price book that it is made of. */
  readonly machine: {
    readonly kind: string;
    readonly usdPerHour?: number;
    readonly priceSource?: string;
    readonly price?: readonly MachinePart[];
  };
}

/**
 * Kinds of GPU that may be given by name alone: the machine that the price book has for them, and the
 * folder of their profiles below `calibration/`.
 */
export const KNOWN_GPUS: Readonly<Record<string, KnownGpu>> = {
  'Tesla T4': { folder: 't4', machine: { kind: 'g4dn.xlarge', price: [{ sku: 'g4dn.xlarge' }] } },
  'Tesla P4': {
    folder: 'p4',
    machine: {
      kind: 'n1-custom, 4 vCPU, 15 GiB, 1 x P4',
      price: [
        { sku: 'n1-custom vCPU', region: 'us-east4', count: 4 },
        { sku: 'n1-custom GiB', region: 'us-east4', count: 15 },
        { sku: 'gpu-P4' },
      ],
    },
  },
  'V100-32GB': {
    folder: 'v100-32gb',
    machine: { kind: 'one V100-32GB', usdPerHour: 3.06, priceSource: 'price of p3.2xlarge, which has 16 GB' },
  },
  'A100-80GB': {
    folder: 'a100-80gb',
    machine: { kind: 'a2-ultragpu-1g', price: [{ sku: 'a2-ultragpu-1g' }] },
  },
};

/** Of a kind that may be given by name alone: its folder, and the machine that a single one is usually rented in. */
export function knownGpu(kind: string): KnownGpu | undefined {
  return Object.hasOwn(KNOWN_GPUS, kind) ? KNOWN_GPUS[kind] : undefined;
}
