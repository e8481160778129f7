import { markdownTable } from '../support/table.js';
import type { PlacementReproduction } from './reproduction.js';
import { fleetTable, halfSloTable, paperTable, poissonTable, seedTable } from './tables.js';
import { VERDICT_LENGTH, VERDICT_SEEDS } from './trial.js';

/** The text of `results/placement/README.md`. */
export function readme(reproduction: PlacementReproduction): string {
  return `# Placements: ParvaGPU's SLO sets, and the seed's question

\`npm run reproduce:placement\` writes this folder anew; same input, same bytes. \`provenance.json\` alone has what differs:
command, machine, commit. Measurements and SLO sets: MunQ-Lee/ParvaGPU_SC24 @5f3de1e (MIT), one A100-80GB; how many GPUs
ParvaGPU needed is from there too.

## Fewest A100s under that work's own assumption

A batch takes at most half the SLO, and what a model's slices complete together is at least its rate. An integer program
(HiGHS) over the layouts that an A100 allows, by memory slices and the places where a slice may begin; GPUs of one layout
are counted, not named. "Compute slices alone" is each model's cheapest mix of slices with no layout rule: no placement
can need fewer. \`slices.csv\` has every slice with its place on the GPU.

${markdownTable(halfSloTable(reproduction.sets))}

${underPoisson(reproduction)}

${seedQuestion(reproduction)}
`;
}

function underPoisson({ sets, leftOut, halfSloWithoutThem }: PlacementReproduction): string {
  return `## The same placements under Poisson arrivals

perseus' simulator: a Triton server per slice that batches what has come, up to the batch size of the placement, with as
many instances as it has processes. "Split": each slice gets its part of the requests by what it completes, at random.
"Pooled": within the slices of a kind a request goes to the one with the fewest under way. "Roomiest": as many GPUs, but
divided so that the tightest model has the most room, nothing left idle. A model misses when fewer than 99 % of its
requests are answered within its SLO, on average over ${VERDICT_SEEDS.length} runs (seeds ${VERDICT_SEEDS.join(', ')}) of ${VERDICT_LENGTH.requests} requests each, a tenth cut as
warm-up; \`models.csv\` has the 95 % intervals.

${markdownTable(poissonTable(sets))}

- **GPUs that keep every p99**: the fewest found. Batch size and processes of a slice are those that take the most Poisson
  arrivals within the SLO when the slice is alone, by bisection with the simulator; layouts come from the integer program;
  a model that is late when simulated asks for more, until all are in time. The search is a heuristic: it proves nothing,
  the bound does.
- **Bound**: no fewer can do it. A request in time is part of an execution that takes no longer than the SLO even if
  nothing waits, with the slice always full; 1 % may be late. It knows no randomness, so the true gap is smaller or
  equal. It may lie above the half-SLO figure, which uses cells that are left out here:
- ${leftOut} of the measured cells contradict their neighbours, or their last process slowed down nobody although the memory
  was full (it cannot have run). Simulations and bound leave them out. The half-SLO placements use them as they are, as
  their source does, and where one is used that alone can make the model late; without these cells they need ${halfSloWithoutThem.join(', ')} GPUs.
- Not in the source, so not in the prediction: host, network, spread of service times. Slices of one GPU are taken not to
  disturb each other.`;
}

/** Whether one tenant or two should have a GPU. */
function seedQuestion({ seed }: PlacementReproduction): string {
  return `## One tenant or two per GPU

The seed's question, by the shipped profiles (\`../../calibration/p4\`, \`t4-seed\`): ResNet-50 and Inception-V3 on a server
with 6 vCPU and one GPU, at saturation, as in the paper. The frontier of two tenants is simulated; the cheapest fleet for
a mix is a program over its points. Points: the paper's figure (LeMay, Li, Guo, IC2E 2020), as costs at the same prices.

![Cost of a million inferences over the mix](cost-by-mix.svg)

![What two tenants on each GPU save over the mix](saving-by-mix.svg)

${markdownTable(seedTable(seed))}

In a fleet so large that rounding does not matter, sharing pays most where the mix is even and next to nothing at its
ends, where one tenant has too little to fill the other's pauses with. The cheapest fleet (dashed) is never dearer than
either: it mixes GPUs with one tenant and with two, at the points of the frontier that suit.

${seed
  .filter(({ paper }) => paper.length > 0)
  .map((answer) => `The paper's points on one ${answer.gpu.name}:\n\n${markdownTable(paperTable(answer))}`)
  .join('\n\n')}

The prediction is too favourable between 30 and 50 %: one of the paper's points there saves nothing at all, and no law by
which the GPU works whenever there is work gives that (\`../seed/README.md\`).

**Whole GPUs** matter more than the mix where a fleet is small: two tenants that fit on one GPU save half. Over the same
mixes, loads that fill from a part of a GPU to many:

${markdownTable(fleetTable(seed))}

Profiles of the T4 rest on one measured figure each (throughput of a lone tenant), and that two tenants share a GPU evenly is
assumed, not measured, on both GPUs (\`../seed/README.md\`). Latency is not part of this question: at
saturation it only grows. Prices: ${seed.map(({ gpu, priceSource }) => `${gpu.name}: ${priceSource}`).join('; ')}.`;
}
