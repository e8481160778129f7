import { crowdedTimes } from '../../profile/crowded.js';

/**
 * How executions that are on a device at the same moment divide it: given who runs, the speed of
 * each as a fraction of its solo speed. Pure functions, so that a table of cases can drive them.
 */
export type SharingLaw = (running: RunningExecutions, speeds: Float64Array) => void;

/** The executions on a device, in order of their start. */
export interface RunningExecutions {
  readonly length: number;
  /** Whose each is: a model's executions are one kind. */
  readonly kind: ArrayLike<number>;
  /** Share of the device that each execution fills by itself, see {@link crowdedTimes}; 1 where that is not known. */
  readonly fill: ArrayLike<number>;
}

/**
 * What an execution counts for beside others of its process, however little of the device it fills: one process starts its
 * kernels one after another, and two executions of small kernels wait for each other's starts.
 *
 * Of 0, 0.5, 0.65 and 0.8, 0.5 describes NVIDIA's online tables best. So it is without any one family of models but one: without
 * FastPitch, 0.65 would be taken (results/nvidia). Processes under MPS start kernels by themselves, and show nothing of the kind
 * (results/mig).
 */
export const LEAST_STREAM_FILL = 0.5;

/**
 * Streams of one process: all run at once. Where the slowdown of a pair was measured, each co-runner adds what it
 * costs; the others share the device by what they fill of it ({@link crowdedTimes}), which is fair processor sharing
 * where each fills it. None counts as filling less than {@link LEAST_STREAM_FILL}. Speeds are set anew at every start and end.
 *
 * @param slowdown `slowdown[i][j]` = how much longer kind i takes beside one execution of kind j; undefined where
 * that was not measured
 * @param rowOf the row of each kind, where not every kind runs on the device; default: all have one, in their order
 */
export function streamsLaw(
  slowdown: readonly (readonly (number | undefined)[])[],
  rowOf: ArrayLike<number> = slowdown.map((_, i) => i),
): SharingLaw {
  const rows = slowdown.length;
  const excess = Float64Array.from(slowdown.flat(), (times = Number.NaN) => times - 1);
  const pairSpeed = excess.map((more) => 1 / (1 + more));
  return (running, speeds) => {
    const { length, kind, fill } = running;
    if (length === 1) {
      speeds[0] = 1;
      return;
    }
    if (length === 2) {
      const a = rowOf[kind[0]!]!;
      const b = rowOf[kind[1]!]!;
      speeds[0] = pairSpeed[a * rows + b]!;
      speeds[1] = pairSpeed[b * rows + a]!;
      // Most pairs were measured; no comparison holds for NaN.
      if (speeds[0]! > 0 && speeds[1]! > 0) return;
    }
    for (let i = 0; i < length; i++) {
      const row = rowOf[kind[i]!]! * rows;
      let factor = 1;
      const own = Math.max(LEAST_STREAM_FILL, fill[i]!);
      let demand = own;
      for (let j = 0; j < length; j++) {
        if (j === i) continue;
        const more = excess[row + rowOf[kind[j]!]!]!;
        if (Number.isNaN(more)) demand += Math.max(LEAST_STREAM_FILL, fill[j]!);
        else factor += more;
      }
      speeds[i] = 1 / (demand === own ? factor : factor - 1 + crowdedTimes(own, demand));
    }
  };
}

/**
 * Executions on the cores of a host. As long as there are cores for all, pairs slow each other as measured
 * (caches, memory, hardware threads of one core). When more run than there are cores, they share the cores
 * evenly, and each meets at any moment only as many others as there are other cores. Executions that wait, and
 * compute nothing, count for nothing.
 *
 * @param slowdown `slowdown[i][j]` = how much longer kind i takes beside one execution of kind j
 * @param needsCore whether each kind computes; default: those that slow others, or are slowed
 */
export function coresLaw(
  slowdown: readonly (readonly number[])[],
  cores: number,
  needsCore: readonly boolean[] = slowerBeside(slowdown),
): SharingLaw {
  return (running, speeds) => {
    const { length, kind } = running;
    let busy = 0;
    for (let i = 0; i < length; i++) if (needsCore[kind[i]!]) busy++;
    const met = busy > cores ? Math.max(0, cores - 1) / Math.max(1, busy - 1) : 1;
    const share = busy > cores ? cores / busy : 1;
    for (let i = 0; i < length; i++) {
      const row = slowdown[kind[i]!]!;
      let factor = 1;
      for (let j = 0; j < length; j++) if (j !== i) factor += (row[kind[j]!]! - 1) * met;
      speeds[i] = needsCore[kind[i]!] ? share / factor : 1 / factor;
    }
  };
}

/** Excess above which an execution counts as one that needs a core: less is noise between measurements. */
const NEEDS_CORE = 0.05;

/** Which kinds compute, as far as slowdowns show it: those that slow others or are slowed. */
function slowerBeside(slowdown: readonly (readonly number[])[]): boolean[] {
  return slowdown.map(
    (row, i) =>
      row.some((value) => value - 1 > NEEDS_CORE) || slowdown.some((other) => other[i]! - 1 > NEEDS_CORE),
  );
}

/** Time slices of different processes: k executions get 1/k each, less what switching costs. */
export function timeSlicesLaw(switchOverhead: number): SharingLaw {
  return (running, speeds) => {
    const k = running.length;
    speeds.fill(k <= 1 ? 1 : (1 - switchOverhead) / k, 0, k);
  };
}

/**
 * MPS: each kind has a share of the multiprocessors, a cap also when it is alone, which its executions divide. What all ask for
 * within their caps, they share as streams do ({@link crowdedTimes}). The cap is also a smaller device, of the kind's own
 * executions: one that fills less does not feel it, one that fills twice as much takes twice as long. The slower of the two times
 * counts. Caps that together exceed the device are scaled down.
 */
export function mpsLaw(shares: readonly number[]): SharingLaw {
  const asked = new Float64Array(shares.length);
  return ({ length, kind, fill }, speeds) => {
    for (let i = 0; i < length; i++) asked[kind[i]!]! += fill[i]!;
    let total = 0;
    for (let i = 0; i < length; i++) {
      const own = kind[i]!;
      // Each kind once, at the first of its executions.
      if (asked[own]! > 0) total += Math.min(asked[own]!, shares[own]!);
      asked[own] = -Math.abs(asked[own]!);
    }
    for (let i = 0; i < length; i++) {
      const cap = shares[kind[i]!]!;
      const ofDevice = crowdedTimes(Math.min(fill[i]!, cap), total);
      const ofCap = crowdedTimes(Math.min(1, fill[i]! / cap), (-asked[kind[i]!]! / cap) * Math.max(1, total));
      speeds[i] = 1 / Math.max(ofDevice, ofCap);
    }
    for (let i = 0; i < length; i++) asked[kind[i]!] = 0;
  };
}
