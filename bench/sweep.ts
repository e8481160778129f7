import { totalmem } from 'node:os';
import { runScript } from '../scripts/support/run-script.js';
import { scriptOptions } from '../scripts/support/script-options.js';
import { writeFileAtomically } from '../src/node/files/atomic-write.js';
import { provenanceLine } from '../src/node/runs/package-facts.js';
import type { SweepBench, SweepCase } from './sweep-cases/case.js';
import { sweepPage } from './sweep-cases/page.js';

const ABOUT = 'Speed of sweeps and plans; what is measured is said on stderr. Takes about five minutes.';

const BENCHES: Readonly<Record<string, () => Promise<SweepBench>>> = {
  'two-cores': async () => (await import('./sweep-cases/two-cores.js')).twoCores,
  placements: async () => (await import('./sweep-cases/placement-rate.js')).placementRate,
  'placements-judged': async () => (await import('./sweep-cases/judged-rate.js')).judgedRate,
  fleet: async () => (await import('./sweep-cases/fleet.js')).fleet,
  kills: async () => (await import('./sweep-cases/kills.js')).kills,
};

async function main(): Promise<void> {
  const values = scriptOptions('npm run bench:sweep', ABOUT, {
    json: {
      takes: 'FILE',
      help: 'write {"cases": [{name, value, bound, unit}]} to this file, not to stdout',
    },
    quick: { help: 'smaller cases, to see that they run' },
    only: {
      takes: 'TEXT',
      default: '',
      help: `only cases whose name holds this text: ${Object.keys(BENCHES).join(', ')}`,
    },
    write: { help: 'also write results/bench/sweep.md' },
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
