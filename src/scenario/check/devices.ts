import type { Path } from '../../base/path.js';
import { CPU_KIND } from '../../profile/host-cores.js';
import { knownMemoryMb } from '../gpu-kinds.js';
import { fitsTogether, type MigLayout, type MigSlice, migLayout } from '../mig.js';
import { slowdownOfSlice } from '../mig-neighbours.js';
import type { Device, Sharing } from '../scenario.js';
import type { DeviceSpec, SharingSpec } from '../spec/device-spec.js';
import { type Findings, suggest } from './findings.js';

/** A device of a checked server and where it is written; MIG slices share the place of their GPU. */
export interface LocatedDevice {
  readonly device: Device;
  readonly path: Path;
}

/** The devices of a server in the order of Triton's GPU ids; each MIG slice is one of its own. */
export function resolveDevices(
  specs: readonly DeviceSpec[],
  path: Path,
  findings: Findings,
): LocatedDevice[] {
  const devices = specs.flatMap((spec, i) => resolveDevice(spec, [...path, i], findings));
  const names = specs.map(({ name }, i) => ({ name, path: [...path, i, 'name'] }));
  findings.distinct(names, 'device');
  const whole = specs.filter(({ mig }) => mig === undefined).map(({ name }) => name);
  for (const { device, path: gpu } of devices) {
    if (device.sharing.mode !== 'mig' || !whole.includes(device.name)) continue;
    const what = `there is already a device "${device.name}", as one of its slices is called`;
    findings.problem([...gpu, 'name'], what, 'give it another name');
  }
  return devices;
}

function resolveDevice(spec: DeviceSpec, path: Path, findings: Findings): LocatedDevice[] {
  if (spec.kind === CPU_KIND) {
    findings.problem(
      [...path, 'kind'],
      'the host CPU is no device',
      'remove it and give the instances KIND_CPU',
    );
  }
  const memoryMb = spec.memoryMb ?? knownMemoryMb(spec.kind);
  if (memoryMb === undefined && spec.kind !== CPU_KIND) {
    findings.problem(
      [...path, 'memoryMb'],
      `the memory of ${spec.kind} is not known`,
      'write memoryMb, in MiB as nvidia-smi shows it',
    );
  }
  if (spec.mig !== undefined) return divide(spec, spec.mig, memoryMb ?? 0, path, findings);
  const { name, kind, neighbourSlowdown: given } = spec;
  const device: Device = {
    name,
    kind,
    memoryMb: memoryMb ?? Infinity,
    sharing: resolveSharing(spec.sharing),
    ...(given !== undefined && {
      neighbours: slowdownOfSlice(kind, given === 'measured' ? undefined : given),
    }),
  };
  return [{ device, path }];
}

/** One Triton process on a GPU: a stream per instance. */
const DEFAULT_SHARING: Sharing = { mode: 'streams' };

function resolveSharing(spec: SharingSpec | undefined): Sharing {
  if (spec === undefined) return DEFAULT_SHARING;
  if (spec.mode === 'mps') return { mode: 'mps', shares: new Map(Object.entries(spec.shares)) };
  if (spec.mode !== 'timeSlices') return { mode: spec.mode };
  const { mode, switchOverhead } = spec;
  return { mode, switchOverhead, quantumUs: 'quantumUs' in spec ? spec.quantumUs : undefined };
}

function divide(
  spec: DeviceSpec,
  names: readonly string[],
  memoryMb: number,
  path: Path,
  findings: Findings,
): LocatedDevice[] {
  const layout = migLayout(spec.kind);
  if (layout === undefined) {
    findings.problem(
      [...path, 'mig'],
      `no MIG slices of ${spec.kind} are known`,
      'use an A30, A100-40GB, A100-80GB or H100-80GB, or leave mig out',
    );
    return [];
  }
  const slices = names.flatMap((name, i) => findSlice(name, layout, [...path, 'mig', i], findings));
  if (slices.length === names.length && !fitsTogether(slices, layout)) {
    findings.problem(
      [...path, 'mig'],
      `${names.join(' + ')} do not fit on one ${spec.kind}`,
      `take slices away: they need ${slices.reduce((sum, { memorySlices }) => sum + memorySlices, 0)} memory slices of ${layout.memorySlices}, in the places that each may have`,
    );
  }
  return slices.map((slice, i) => ({ device: sliceDevice(spec, slice, i, memoryMb, layout), path }));
}

function findSlice(name: string, layout: MigLayout, path: Path, findings: Findings): MigSlice[] {
  const slice = layout.slices.find((candidate) => candidate.name === name);
  if (slice !== undefined) return [slice];
  const known = layout.slices.map((candidate) => candidate.name);
  findings.problem(path, `"${name}" is no slice of this GPU`, suggest(name, known));
  return [];
}

function sliceDevice(
  spec: DeviceSpec,
  slice: MigSlice,
  index: number,
  memoryMb: number,
  layout: MigLayout,
): Device {
  return {
    name: `${spec.name}-${index + 1}`,
    kind: `${spec.kind} MIG ${slice.name}`,
    memoryMb: Math.floor((memoryMb * slice.memorySlices) / layout.memorySlices),
    sharing: {
      mode: 'mig',
      parent: spec.name,
      computeSlices: slice.computeSlices,
      ...(typeof spec.neighbourSlowdown === 'number' && { neighbourSlowdown: spec.neighbourSlowdown }),
    },
  };
}
