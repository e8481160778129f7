import { totalmem } from 'node:os';
import { runScript } from '../scripts/support/run-script.js';
import { scriptOptions } from '../scripts/support/script-options.js';
import { writeFileAtomically } from '../src/node/files/atomic-write.js';
import { provenanceLine } from '../src/node/runs/package-facts.js';
import type { SweepBench, SweepCase } from './sweep-cases/case.js';
import { sweepPage } from './sweep-cases/page.js';

const USAGE = `usage: npm run bench:sweep -- [--json FILE] [--quick] [--only TEXT] [--write]
  --json FILE   write the figures to this file, not to stdout: {"cases": [{name, value, bound, unit}]}
  --quick       smaller cases, to see that they run
  --only TEXT   only cases whose name holds this text: two-cores, placements, fleet, kills
  --write       also write results/bench/sweep.md
Speed of sweeps and plans; what is measured is said on stderr. Takes about five minutes.
`;

const BENCHES: Readonly<Record<string, () => Promise<SweepBench>>> = {
  'two-cores': async () => (await import('./sweep-cases/two-cores.js')).twoCores,
  placements: async () => (await import('./sweep-cases/placement-rate.js')).placementRate,
  'placements-judged': async () => (await import('./sweep-cases/judged-rate.js')).judgedRate,
  fleet: async () => (await import('./sweep-cases/fleet.js')).fleet,
  kills: async () => (await import('./sweep-cases/kills.js')).kills,
};

async function main(): Promise<void> {
  const values = scriptOptions(USAGE, {
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  });
  const said: string[] = [];
  const say = (text: string) => {
    said.push(text);
    process.stderr.write(`${text}\n`);
  };

  const cases: SweepCase[] = [];
  for (const [name, load] of Object.entries(BENCHES)) {
    if (!name.includes(values.only)) continue;
    const bench = await load();
    cases.push(...(await bench({ quick: values.quick, say })));
  }
  const text = `${JSON.stringify({ cases }, null, 2)}\n`;
  if (values.json === undefined) process.stdout.write(text);
  else await writeFileAtomically(values.json, text);
  if (values.write) {
    const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
    await writeFileAtomically(
      'results/bench/sweep.md',
      sweepPage({ cases, said, provenance: `${provenanceLine()}, ${memory}, seed 1` }),
    );
  }
}

await runScript(main);
