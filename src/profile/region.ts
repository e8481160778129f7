import type { Warning, WarningCode } from '../base/warning.js';
import { FAIR_SHARE, slowdown } from '../effects/interference/slowdown.js';
import { CPU_KIND, knowsCores } from './host-cores.js';
import type { ModelProfile } from './profile.js';
import { fillOf } from './service-time.js';
import { doubtOf } from './validation.js';

/** What a run asks of a profile. Parts left out are not judged. */
export interface ProfileUse {
  /** Largest batch the model's configuration allows; judged where `batchSizesUsed` is not known. */
  readonly maxBatchSize?: number;
  /** Sizes of the executions that took place. */
  readonly batchSizesUsed?: readonly number[];
  /** Busy share of the device, 0..1. */
  readonly utilization?: number;
  /** Instances of the model side by side on the device. */
  readonly instances?: number;
  /** Sharing mode of the device, as in a scenario. */
  readonly sharing?: string;
  /** The device is the cores of a host, and it is known which of its models compute there. Default: no. */
  readonly isKnownWhoComputes?: boolean;
  /** Other models on the same device, with their profiles where there are any. */
  readonly coRunners?: readonly { readonly model: string; readonly profile?: ModelProfile }[];
}

/** Busy shares are random; one that lies this little above the measured one says nothing. */
const UTILIZATION_TOLERANCE = 0.02;

/**
 * What a reader must know because the run leaves the region in which the profile was measured, or
 * uses what the profile does not know. One warning for each thing, the numbers in its sentence.
 */
export function regionWarnings(profile: ModelProfile, use: ProfileUse): readonly Warning[] {
  return [
    ...doubts(profile),
    ...batchSizeWarnings(
      profile,
      use.batchSizesUsed ?? (use.maxBatchSize === undefined ? [] : [use.maxBatchSize]),
    ),
    ...sharingWarnings(profile, use),
    ...slowdownWarnings(profile, use),
    ...spreadWarnings(profile),
    ...coreWarnings(profile),
  ];
}

function batchSizeWarnings(profile: ModelProfile, sizes: readonly number[]): readonly Warning[] {
  const measured = profile.region.batchSizes;
  const [least, most] = [measured[0]!, measured[measured.length - 1]!];
  const unmeasured = sizes.filter((size) => !measured.includes(size));
  const outside = unmeasured.filter((size) => size < least || size > most);
  const between = unmeasured.filter((size) => size > least && size < most);
  const warnings: Warning[] = [];
  if (outside.length > 0) {
    const text = `batches of ${ranges(outside)} lie outside the measured ${least} to ${most}; their service time is extrapolated on a line`;
    warnings.push(warn(profile, 'extrapolated-batch-size', text));
  }
  if (between.length > 0) {
    const text = `batches of ${ranges(between)} were not measured; their service time is interpolated between ${ranges(measured)}`;
    warnings.push(warn(profile, 'interpolated-batch-size', text));
  }
  return warnings;
}

/** Whether a device is busy for a larger share of its time than the profile was measured at. */
export function isBusierThanMeasured({ region }: ModelProfile, busyShare: number): boolean {
  return busyShare > region.maxUtilization + UTILIZATION_TOLERANCE;
}

function sharingWarnings(profile: ModelProfile, use: ProfileUse): readonly Warning[] {
  const { maxUtilization, maxInstances, sharing } = profile.region;
  const warnings: Warning[] = [];
  const outside = (text: string) => warnings.push(warn(profile, 'outside-profile-region', text));
  if (use.utilization !== undefined && isBusierThanMeasured(profile, use.utilization)) {
    outside(
      `something executes on the device ${percent(use.utilization)} of the time, measured up to ${percent(maxUtilization)}`,
    );
  }
  if (use.instances !== undefined && use.instances > maxInstances) {
    outside(`${use.instances} instances share the device, measured with at most ${maxInstances}`);
  }
  if (use.sharing !== undefined && !sharing.includes(use.sharing)) {
    const measured = sharing.length === 0 ? 'no sharing at all' : sharing.join(', ');
    outside(`the device is shared by ${use.sharing}, measured under ${measured}`);
  }
  const beside = use.sharing === 'exclusive' ? (use.coRunners ?? []) : [];
  if (beside.length > 0) {
    const names = beside.map(({ model }) => model).join(', ');
    outside(
      `exclusive has it and ${names} execute side by side as if each were alone, which no device does; streams, timeSlices, mps and MIG share one`,
    );
  }
  return warnings;
}

function slowdownWarnings(profile: ModelProfile, use: ProfileUse): readonly Warning[] {
  // Only streams ask for pairwise slowdowns, on slices too; the other modes have rules of their own.
  if (use.sharing !== 'streams' && use.sharing !== 'mig') return [];
  const itself = (use.instances ?? 1) > 1 ? [{ model: profile.model, profile }] : [];
  const others = [...itself, ...(use.coRunners ?? [])];
  const assumed = others
    .filter(({ model, profile: other }) => slowdown(profile, model, other).assumed)
    .map(({ model }) => model);
  if (assumed.length === 0) return [];
  const beside = [...new Set(assumed)].join(', ');
  const fill = fillText(profile) ?? fillBeside(others);
  if (fill !== undefined) {
    const text = `its slowdown beside ${beside} was not measured; it follows from what ${fill}`;
    return [warn(profile, 'assumed-slowdown', text)];
  }
  const value =
    use.isKnownWhoComputes === true
      ? '1 (no more than the cores that they share)'
      : `${FAIR_SHARE} (fair halves)`;
  const text = `its slowdown beside ${beside} was not measured and is assumed to be ${value}`;
  return [warn(profile, 'assumed-slowdown', text)];
}

/** What its executions fill, `20 to 100 % (known to 40 %)`; undefined where the profile does not say. */
function fillText(profile: ModelProfile): string | undefined {
  const { service } = profile;
  if (service.some(({ deviceMs }) => deviceMs === undefined)) return undefined;
  const fills = service.map(({ batchSize }) => Math.min(1, fillOf(profile, batchSize)));
  const error = Math.max(...service.map(({ deviceMsError }) => deviceMsError ?? 0));
  const known = error === 0 ? '' : ` (known to ${percent(error)})`;
  return `an execution fills of the device, ${Math.round(100 * Math.min(...fills))} to ${percent(Math.max(...fills))}${known}`;
}

/** Of a profile that does not say what it fills, beside one that does. */
function fillBeside(others: readonly { readonly profile?: ModelProfile }[]): string | undefined {
  const isKnown = others.some(({ profile }) => profile !== undefined && fillText(profile) !== undefined);
  return isKnown ? 'theirs fill of the device, and its own are taken to fill all of it' : undefined;
}

function spreadWarnings(profile: ModelProfile): readonly Warning[] {
  if (profile.spread.law !== 'none') return [];
  const text =
    'the profile has no spread of service times; every execution takes its mean, so tails come out short';
  return [warn(profile, 'assumed-parameter', text)];
}

function coreWarnings(profile: ModelProfile): readonly Warning[] {
  if (profile.device !== CPU_KIND || knowsCores(profile)) return [];
  const text =
    "the profile does not say what its executions take of the host's cores; none is counted, so that they never wait for one";
  return [warn(profile, 'assumed-parameter', text)];
}

function doubts(profile: ModelProfile): readonly Warning[] {
  const doubt = doubtOf(profile);
  return doubt === undefined ? [] : [warn(profile, 'doubtful-profile', doubt)];
}

function warn(profile: ModelProfile, code: WarningCode, text: string): Warning {
  const subject = `${profile.model} on ${profile.device}`;
  return { code, subject, message: `${subject}: ${text}` };
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

/** `3, 5-8, 12`: runs of neighbours drawn together. */
function ranges(sizes: readonly number[]): string {
  const sorted = [...new Set(sizes)].sort((a, b) => a - b);
  const runs: [number, number][] = [];
  for (const size of sorted) {
    const run = runs[runs.length - 1];
    if (run !== undefined && size === run[1] + 1) run[1] = size;
    else runs.push([size, size]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
}
