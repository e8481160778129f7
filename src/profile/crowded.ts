/**
 * How many times as long an execution takes that fills the share `own` of a device, while all that run there, it
 * included, ask for the share `demand` (more than 1 where they want more than there is). A device that is far from
 * full slows nobody; one that is asked for more than it has gives each `1 / demand` of it; between the two lies
 * `(1 + demand^p - own^p)^(1/p)`, which is 1 for an execution alone, and the number of executions where each fills it.
 *
 * p = 3 for all sharing modes: processes under MPS are described best by 4, streams of one Triton by 2, and 3 costs
 * either about one percentage point (results/mig and results/nvidia).
 */
export function crowdedTimes(own: number, demand: number): number {
  return own === 1 ? demand : Math.cbrt(1 + demand ** 3 - own ** 3);
}
