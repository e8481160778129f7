import type { Refusal } from './names.js';

/**
 * A name as a DNS label (RFC 1035, within RFC 1123), as Kubernetes wants the names of services: lower case, digits and
 * hyphens, a letter first, at most 63 characters.
 */
function dnsLabel(name: string): string {
  const label = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_LABEL)
    .replace(/^-+|-+$/g, '');
  if (label === '') return 'server';
  return /^[a-z]/.test(label) ? label : `s-${label}`;
}

/** Room for a number after it. */
const LONGEST_LABEL = 50;

/** A DNS label of its own for each name, in the same order; those that would be equal get numbers. */
export function distinctLabels(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const wanted = dnsLabel(name);
    let label = wanted;
    for (let i = 2; taken.has(label); i++) label = `${wanted}-${i}`;
    taken.add(label);
    return label;
  });
}

/** A slice as the last part of a kind of device: `A100-80GB MIG 1g.10gb`. */
const SLICE = / MIG (\S+)$/;

/**
 * A kind of GPU as NVIDIA's GPU feature discovery writes it into the label `nvidia.com/gpu.product`; slices count as their GPU.
 * Values of labels are letters, digits, `-`, `_`, `.`, at most 63 of them, the first and last a letter or digit.
 */
export function productLabel(kind: string): string {
  return kind
    .replace(SLICE, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
}

/** What NVIDIA's device plugin offers: `nvidia.com/mig-1g.10gb` for a slice, `nvidia.com/gpu` for a whole GPU. */
export function resourceName(kind: string): string {
  const slice = SLICE.exec(kind)?.[1];
  return slice === undefined ? 'nvidia.com/gpu' : `nvidia.com/mig-${slice.replaceAll('+', '.')}`;
}

/** Names of slices: `1g.10gb`, with media extensions `1g.10gb+me`. */
const SLICE_NAME = /^\d+g\.\d+gb(\+[a-z.]+)?$/;

/** Why no node can be asked for a GPU of this kind, where none can. */
export function refusalOfKind(kind: string): Refusal | undefined {
  const slice = SLICE.exec(kind)?.[1];
  if (slice !== undefined && !SLICE_NAME.test(slice)) {
    return { what: `"${slice}" is no MIG slice`, remedy: 'write one such as 1g.10gb, or leave MIG out' };
  }
  if (productLabel(kind) !== '') return undefined;
  return {
    what: `"${kind}" cannot be the value of a node's label`,
    remedy: 'name the GPU as nvidia-smi does, with letters a to z and digits',
  };
}
