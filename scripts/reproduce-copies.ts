import { provenanceLine } from '../src/node/runs/package-facts.js';
import { type CopiedRow, copiedRows, LAWS, offBy } from './copies/laws.js';
import { fitGpus, toldFrontEnds } from './nvidia/fit.js';
import { type NvidiaTable, OFFLINE, ONLINE, readNvidiaTables } from './nvidia/tables.js';
import { frontEndOf, readFrontEnds } from './profiles/front-ends.js';
import { SOURCE } from './profiles/source-names.js';
import { reproduction } from './support/reproduction.js';
import { markdownTable, type Table, tableOf, terminalTable } from './support/table.js';

interface CopiedTable {
  readonly table: string;
  readonly usPerKilobyte: number;
  readonly rows: readonly CopiedRow[];
}

function nameOf({ name, device }: NvidiaTable): string {
  return `${name} on ${device}`;
}

function summaryTable(tables: readonly CopiedTable[]): Table {
  return tableOf(tables, [
    ['table', ({ table }) => table],
    ['rows', ({ rows }) => String(rows.length)],
    ['us/KB', ({ usPerKilobyte }) => usPerKilobyte.toFixed(2)],
    ...LAWS.flatMap((law) => [
      [
        `${law}: predicted / measured`,
        ({ rows }: CopiedTable) => offBy(rows, law).factor.toFixed(2),
      ] as const,
      [`${law}: off by a factor of`, ({ rows }: CopiedTable) => offBy(rows, law).size.toFixed(2)] as const,
    ]),
  ]);
}

function page(tables: readonly CopiedTable[]): string {
  return `# Input copies of many clients, from those of one

Written by \`npm run reproduce:copies\`. Measured figures: ${SOURCE}.

A lone client hands its inputs over in shared memory (the pages' offline tables). Many clients send theirs over HTTP (the
online tables), and copying inputs takes 2 to 4 times as long. Three laws are held against the online input times, with the
offline ones as they are. None has a parameter that was fitted to these rows:

- **none**: a batch takes what it took the lone client.
- **bus**: copies of two instances share the GPU's bus while both copy.
- **bytes**: what is sent is copied once more, at the GPU's \`inputMsPerKb\` of \`calibration/front-ends.json\`. That is fitted
  to four rows of ResNet-50, whose input times are not printed, and is the median of the other GPUs where there are none.

Batch sizes are not printed. They follow from throughput and time of an execution while no instance is without work.
TorchScript's rows are shown, too: its input copies wait until the GPU is free, which is neither law.

${markdownTable(summaryTable(tables))}

The bus explains next to nothing of it: two instances copy for a few percent of the time. So perseus has no such law. What
the wire adds goes by bytes.

Made ${provenanceLine()}
`;
}

await reproduction({
  name: 'copies',
  about: "Holds laws for input copies of many clients against NVIDIA's online tables.",
  data: {
    from: '../shared/data/profiles',
    takes: 'FOLDER',
    help: `with ${OFFLINE} and ${ONLINE}`,
    needs: [OFFLINE, ONLINE],
    origin: "NVIDIA's tables",
  },
  results: 'results/copies',
  options: {
    'leave-out': {
      takes: 'TEXT',
      help: 'tables whose "model on GPU" holds this text: front ends are fitted anew and see none of their online rows',
    },
  },
  partial: ['leave-out'],
  run: ({ data, 'leave-out': leftOut }, onProgress): readonly CopiedTable[] => {
    const { tables } = readNvidiaTables(data);
    const frontEnds =
      leftOut === undefined
        ? readFrontEnds()
        : toldFrontEnds(fitGpus(tables, (table) => nameOf(table).includes(leftOut), onProgress));
    return tables.flatMap((table) => {
      const usPerKilobyte = 1000 * frontEndOf(frontEnds, table.device).inputMsPerKb;
      const rows = copiedRows(table, usPerKilobyte);
      return rows.length === 0 ? [] : [{ table: nameOf(table), usPerKilobyte, rows }];
    });
  },
  files: (tables) => new Map([['README.md', page(tables)]]),
  json: (tables) => tables,
  report: (tables) => terminalTable(summaryTable(tables)),
});
