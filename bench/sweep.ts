// Speed of sweeps and plans: npm run bench:sweep -- [--json FILE] [--quick] [--only TEXT]
// Prints {"cases":[{"name","value","bound","unit"}]}; what is measured is said on stderr.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { SweepBench, SweepCase } from './sweep-cases/case.js';

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
});
const say = (text: string) => process.stderr.write(`${text}\n`);

const benches: Readonly<Record<string, () => Promise<SweepBench>>> = {
  'two-cores': async () => (await import('./sweep-cases/two-cores.js')).twoCores,
  placements: async () => (await import('./sweep-cases/placement-rate.js')).placementRate,
  fleet: async () => (await import('./sweep-cases/fleet.js')).fleet,
  kills: async () => (await import('./sweep-cases/kills.js')).kills,
};

const cases: SweepCase[] = [];
for (const [name, load] of Object.entries(benches)) {
  if (!name.includes(values.only)) continue;
  const bench = await load();
  cases.push(...(await bench({ quick: values.quick, say })));
}
const text = `${JSON.stringify({ cases }, null, 2)}\n`;
if (values.json === undefined) process.stdout.write(text);
else writeFileSync(values.json, text);
