import { join } from 'node:path';
import { writeFileAtomically } from '../src/node/files/atomic-write.js';
import { provenanceLine } from '../src/node/runs/package-facts.js';
import { checkKnown, type KnownResult } from './known/check-known.js';
import { knownPage } from './known/page.js';
import { KNOWN_SERVERS } from './known/servers.js';
import { runScript, say } from './support/run-script.js';
import { scriptOptions } from './support/script-options.js';

const PAGE = 'results/known';

const USAGE = `usage: npm run reproduce:known -- [--only TEXT] [--json FILE]
  Calibrates simulated servers of which every figure is known, and shows what was found of each, worst first.
  --only TEXT   only servers whose name holds this text; the page is not written
  --json FILE   also write every parameter and every load
Needs no server. About three minutes.
`;

async function main(): Promise<void> {
  const values = scriptOptions(USAGE, { only: { type: 'string' }, json: { type: 'string' } });
  const results: KnownResult[] = [];
  for (const known of KNOWN_SERVERS.filter(({ name }) => name.includes(values.only ?? ''))) {
    say(known.name);
    results.push(await checkKnown(known));
  }
  const text = knownPage(results, provenanceLine());
  process.stdout.write(text);
  if (values.json !== undefined)
    await writeFileAtomically(values.json, JSON.stringify(results, undefined, 1));
  if (values.only === undefined) await writeFileAtomically(join(PAGE, 'README.md'), text);
}

await runScript(main);
