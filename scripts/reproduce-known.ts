import { groupBy } from '../src/base/group-by.js';
import { provenanceLine } from '../src/node/runs/package-facts.js';
import { checkComposed } from './known/check-composed.js';
import { checkKnown, isLoadOff, isOff, type KnownResult, WITHIN } from './known/check-known.js';
import { COMPOSED_SERVERS } from './known/composed-servers.js';
import { type HeldOutLoad, pointsOf } from './known/held-out.js';
import type { FoundParameter } from './known/parameters.js';
import { scenarioServers } from './known/scenario-servers.js';
import { KNOWN_SERVERS } from './known/servers.js';
import { reproduction } from './support/reproduction.js';
import { namedBy } from './support/script-options.js';
import { type Column, fields, pageTable, signed } from './support/table.js';

/** Rows of the tables of what is worst. */
const SHOWN = 30;

/** What calibration finds of known servers, worst first. */
function page(results: readonly KnownResult[]): string {
  const parameters = results.flatMap((each) => each.parameters);
  const identified = parameters.filter(({ isUnidentified }) => !isUnidentified);
  const unidentified = groupBy(
    parameters.filter(({ isUnidentified }) => isUnidentified),
    ({ parameter }) => parameter,
  );
  const loads = results.flatMap((each) => each.loads);
  return `# Known servers, calibrated

Each server here is simulated, so that every figure of it is known. It is calibrated as a live one is: the same points,
measured for as long, and the same fits. Only the server and the clock are simulated (\`scripts/known\`).

A parameter must come back within ${WITHIN.parameter} %, or calibration must say that it is not identified. Loads that
calibration did not see must be predicted within ${WITHIN.mean} % (mean) and ${WITHIN.p99} % (p99). The simulator that
predicts is the one that was measured, so this page says nothing of how well its laws describe a real server.
Of ensembles and models that call others it shows what their lone requests tell; the models that they call are those of the other servers.

${results.length} servers have ${parameters.length} parameters. Calibration says of ${parameters.length - identified.length} that they are not identified;
${parameters.filter(isOff).length} of the others are off by more. ${loads.filter(isLoadOff).length} of ${loads.length} predicted loads are.

## Servers

${pageTable(results, SERVER)}

## Parameters, worst first

${pageTable(worst(identified), PARAMETER)}

## Loads that calibration did not see, worst first

${pageTable(worstLoads(loads), LOAD)}

## Not identified

${pageTable(
  [...unidentified],
  [
    ['parameter', ([parameter]) => parameter],
    ['servers', ([, own]) => [...new Set(own.map(({ server }) => server))].join(', ')],
  ],
)}

Made by \`npm run reproduce:known\`. ${provenanceLine()}
`;
}

const furthest = (values: readonly number[]) =>
  signed(values.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0));

const SERVER: readonly Column<KnownResult>[] = [
  ['server', ({ server }) => server],
  ['what it shows', ({ shows }) => shows],
  [
    'worst parameter',
    ({ parameters }) => {
      const [first] = worst(parameters.filter(({ isUnidentified }) => !isUnidentified));
      return first === undefined ? '-' : `${first.parameter}: ${signed(first.errorPercent)}`;
    },
  ],
  ['worst mean', ({ loads }) => furthest(loads.map(({ meanErrorPercent }) => meanErrorPercent))],
  ['worst p99', ({ loads }) => furthest(loads.map(({ p99ErrorPercent }) => p99ErrorPercent))],
];

function worst(parameters: readonly FoundParameter[]): FoundParameter[] {
  const size = ({ errorPercent }: FoundParameter) =>
    Number.isNaN(errorPercent) ? Infinity : Math.abs(errorPercent);
  return [...parameters].sort((a, b) => size(b) - size(a)).slice(0, SHOWN);
}

const PARAMETER: readonly Column<FoundParameter>[] = [
  ...fields('server', 'model', 'parameter'),
  ['truth', ({ truth }) => short(truth)],
  ['found', ({ found }) => short(found)],
  ['error (%)', ({ errorPercent }) => signed(errorPercent)],
];

function worstLoads(loads: readonly HeldOutLoad[]): HeldOutLoad[] {
  const size = ({ meanErrorPercent, p99ErrorPercent }: HeldOutLoad) =>
    Math.max(Math.abs(meanErrorPercent) / WITHIN.mean, Math.abs(p99ErrorPercent) / WITHIN.p99);
  return [...loads].sort((a, b) => size(b) - size(a)).slice(0, SHOWN);
}

const LOAD: readonly Column<HeldOutLoad>[] = [
  ...fields('server', 'model', 'load'),
  ['mean (ms)', ({ meanMs }) => short(meanMs)],
  ['p99 (ms)', ({ p99Ms }) => short(p99Ms)],
  ['mean error (%)', ({ meanErrorPercent }) => signed(meanErrorPercent)],
  ['p99 error (%)', ({ p99ErrorPercent }) => signed(p99ErrorPercent)],
];

/** Four digits. */
function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

await reproduction({
  name: 'known',
  about: `Calibrates simulated servers of which every figure is known, and shows what was found of each, worst first.
Needs no server. About four minutes.`,
  data: {
    from: 'scripts/known/servers.ts',
    takes: 'FILE',
    example: 'examples/scenarios/shared-memory.yaml',
    help: 'a scenario file: what its servers cost by their profiles is what calibration is to find',
  },
  results: 'results/known',
  fitsNothing: 'each server is calibrated by itself',
  options: { only: { takes: 'TEXT', help: 'only servers whose name holds this text' } },
  partial: ['only'],
  run: async ({ data, isOwnData, only = '' }, onProgress) => {
    const plain = isOwnData ? await scenarioServers(data) : KNOWN_SERVERS;
    const composed = isOwnData ? [] : COMPOSED_SERVERS;
    const asking = { option: 'only', text: only, kind: 'server' };
    const asked = new Set<object>(namedBy(asking, [...plain, ...composed], ({ name }) => name));
    const results: KnownResult[] = [];
    for (const known of plain.filter((each) => asked.has(each))) {
      onProgress(known.name);
      results.push(await checkKnown(known));
    }
    for (const known of composed.filter((each) => asked.has(each))) {
      onProgress(known.name);
      results.push(await checkComposed(known));
    }
    return results;
  },
  files: (results) => new Map([['README.md', page(results)]]),
  json: (results) => ({
    points: results.flatMap(({ loads }) => loads.flatMap(pointsOf)),
    parameters: results.flatMap(({ parameters }) => parameters),
  }),
  report: page,
});
