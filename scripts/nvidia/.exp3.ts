import { readNvidiaTables } from './tables.js';
import { fitGpus } from './fit-gpu.js';
import { predictTable } from './predict.js';
const { tables } = readNvidiaTables('/work/shared/data/profiles');
const t0 = performance.now();
const [gpu] = fitGpus(tables.filter((t) => t.device === process.argv[2]));
console.log(((performance.now() - t0) / 1000).toFixed(1), gpu!.front.frontEnd, gpu!.front.misfit);
for (const fit of gpu!.tables) {
  const t1 = performance.now();
  const rows = predictTable(fit);
  console.log(fit.table.name, JSON.stringify(fit.parameters).slice(0, 200), ((performance.now() - t1) / 1000).toFixed(1), rows.map((r) => `${r.measured.concurrency}:${(100 * (r.predicted.inferencesPerS / r.measured.inferencesPerS - 1)).toFixed(0)}`).join(' '));
}
