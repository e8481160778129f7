/**
 * How many times as long an execution takes that fills the share `own` of a device, while all that run there, it
 * included, ask for the share `demand` (more than 1 where they want more than there is). A device that is far from
 * full slows nobody; one that is asked for more than it has gives each `1 / demand` of it; between the two lies
 * `(1 + demand^p - own^p)^(1/p)`, which is 1 for an execution alone and the number of executions where each fills it.
 *
 * p = 4: of 3, 4 and 5 it describes processes on MIG slices best (ParvaGPU's A100, 11 models, 2 to 5 processes;
 * any of the models left out chooses it too). `npm run reproduce:mig` shows what it predicts.
 */
export function crowdedTimes(own: number, demand: number): number {
  if (own === 1) return demand;
  return Math.sqrt(Math.sqrt(1 + power4(demand) - power4(own)));
}

function power4(value: number): number {
  const square = value * value;
  return square * square;
}
