import { isAbsolute, join } from 'node:path';
import { InputError } from '../src/base/problem.js';
import { writeFileAtomically } from '../src/node/files/atomic-write.js';
import { commit, version } from '../src/node/runs/package-facts.js';
import { resultFiles } from './nvidia/readme.js';
import { type FitMode, reproduceNvidia } from './nvidia/reproduction.js';
import { pointsJson, summary } from './nvidia/results.js';
import { hasNvidiaTables, readNvidiaTables } from './nvidia/tables.js';
import { runScript } from './support/run-script.js';
import { scriptOptions } from './support/script-options.js';

const DATA = '../shared/data/profiles';
const RESULTS = 'results/nvidia';

const USAGE = `usage: npm run reproduce:nvidia -- [--json FILE] [--data FOLDER] [--only TEXT] [--fit gpu|table] [--out FOLDER]
  --json FILE    also write all points as JSON
  --data FOLDER  with triton_offline.csv and triton_online.csv; ${DATA} by default
  --only TEXT    only tables whose "model on GPU" holds this text, e.g. resnet50 or T4
  --fit gpu      one front-end fit per GPU, service times from the offline tables (default)
  --fit table    for comparison, a fit of its own for every table, on three of its online rows;
                 takes several times as long
  --out FOLDER   where the page, the tables and the figures go; ${RESULTS} by default,
                 nowhere with --data, --only or --fit table
Fits on the offline tables and a few online rows of each GPU, and predicts all other online rows.
`;

async function main(): Promise<number> {
  const values = scriptOptions(USAGE, {
    json: { type: 'string' },
    data: { type: 'string' },
    only: { type: 'string' },
    fit: { type: 'string' },
    out: { type: 'string' },
  });
  const data = values.data ?? DATA;
  if (!hasNvidiaTables(data)) {
    process.stderr.write(`${missing(data)}\n`);
    return 2;
  }
  const found = readNvidiaTables(data);
  const tables = found.tables.filter(({ name, device }) =>
    `${name} on ${device}`.includes(values.only ?? ''),
  );
  if (tables.length === 0) throw InputError.of('no table matches', 'give another text', { path: '--only' });
  const mode = fitMode(values.fit);
  const reproduction = reproduceNvidia({ ...found, tables }, mode, (what) =>
    process.stderr.write(`${what} …\n`),
  );
  const whole = values.data === undefined && values.only === undefined && mode === 'gpu';
  const out = values.out ?? (whole ? RESULTS : undefined);
  if (out !== undefined) {
    const files = resultFiles(reproduction, { version: version(), commit: commit() ?? 'unknown' });
    for (const [name, text] of files) await writeFileAtomically(join(out, name), text);
  }
  if (values.json !== undefined) await writeFileAtomically(values.json, pointsJson(reproduction.points));
  process.stdout.write(summary(reproduction));
  return 0;
}

function fitMode(text = 'gpu'): FitMode {
  if (text === 'gpu' || text === 'table') return text;
  throw InputError.of(`there is no fit "${text}"`, 'gpu or table', { path: '--fit' });
}

function missing(folder: string): string {
  const where = isAbsolute(folder) ? folder : join(process.cwd(), folder);
  return `perseus: ${where} does not hold triton_offline.csv and triton_online.csv, NVIDIA's tables; they are not part of this repository: name a folder that has them with --data FOLDER`;
}

await runScript(main);
