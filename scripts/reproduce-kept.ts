import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mean } from 'simple-statistics';
import { writeFileAtomically } from '../src/node/files/atomic-write.js';
import { provenanceLine } from '../src/node/runs/package-facts.js';
import { KEPT, keptCalibrations, LATENCIES } from './kept/calibrations.js';
import { type LatencyError, replayKept } from './kept/replay.js';
import { VARIANTS } from './kept/variants.js';
import { table } from './support/markdown.js';
import { runScript, say } from './support/run-script.js';
import { scriptOptions } from './support/script-options.js';

const USAGE = `usage: npm run reproduce:kept -- [--only TEXT] [--json FILE]
  Simulates the cases of reproduce:live under kept calibrations, with all effects and with each left out, beside what was measured.
  --only TEXT   only variants whose name holds this text; the page is not written
  --json FILE   also write every error
Needs no server. About two minutes.
`;

/** What the two groups of cases are. */
const GROUPS = { sleeping: 'models that wait', onnx: 'networks that compute' } as const;

async function main(): Promise<void> {
  const values = scriptOptions(USAGE, { only: { type: 'string' }, json: { type: 'string' } });
  const calibrations = keptCalibrations();
  const variants = VARIANTS.filter(({ name }) => name.includes(values.only ?? ''));
  const folder = await mkdtemp(join(tmpdir(), 'perseus-kept-'));
  const found: { readonly variant: string; readonly errors: readonly LatencyError[] }[] = [];
  try {
    for (const variant of variants) {
      say(variant.name);
      const errors: LatencyError[] = [];
      for (const kept of calibrations)
        errors.push(...(await replayKept(kept, variant, join(folder, kept.commit))));
      found.push({ variant: variant.name, errors });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const rows = found.map(({ variant, errors }) => [
    variant,
    ...(['sleeping', 'onnx'] as const).flatMap((group) => {
      const own = errors.filter((each) => each.group === group);
      const of = (key: (typeof LATENCIES)[number]) => own.map(({ errors }) => Math.abs(errors[key]));
      return [
        LATENCIES.map((key) => mean(of(key)).toFixed(1)).join(' / '),
        `${Math.max(...of('meanMs')).toFixed(0)} / ${Math.max(...of('p99Ms')).toFixed(0)}`,
      ];
    }),
  ]);
  const head = ['variant', ...Object.values(GROUPS).flatMap((name) => [name, 'worst mean / p99'])];
  const text = page(
    table(head, rows),
    calibrations.map(({ commit }) => commit),
  );
  process.stdout.write(text);
  if (values.json !== undefined) await writeFileAtomically(values.json, JSON.stringify(found, undefined, 1));
  if (values.only === undefined) await writeFileAtomically(join(KEPT, 'README.md'), text);
}

function page(rows: string, commits: readonly string[]): string {
  return `# Kept calibrations, replayed

Each folder here is one calibration of the sample's six models on a live Triton, under the commit that names it.
\`measured.json\` holds the latencies of 18 cases that the same server served afterwards, the mean of three live runs.
The cases are those of \`npm run reproduce:live\`: two cores of a shared AMD EPYC machine, perseus' own load generator.

The table shows the mean absolute error of mean / p50 / p95 / p99 in percent, as 100 times the logarithm of predicted over measured.
One effect is left out in each row and nothing is fitted anew. So a row is an upper limit of what its effect is worth.
These cases helped to choose the rules. They say what an effect is worth on this host, not how well perseus predicts elsewhere.

${rows}

Made by \`npm run reproduce:kept\` from the calibrations of ${commits.join(', ')}. ${provenanceLine()}
`;
}

await runScript(main);
