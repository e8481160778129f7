import { join } from 'node:path';
import { writeFileAtomically } from '../src/node/files/atomic-write.js';
import { provenanceLine } from '../src/node/runs/package-facts.js';
import { checkKnown, type KnownResult } from './known/check-known.js';
import { knownPage } from './known/page.js';
import { KNOWN_SERVERS } from './known/servers.js';
import { jsonText } from './support/reproduction.js';
import { runScript, say } from './support/run-script.js';
import { describedOptions } from './support/script-options.js';

const PAGE = 'results/known';

const ABOUT = `Calibrates simulated servers of which every figure is known, and shows what was found of each, worst first.
Needs no server. About four minutes.`;

async function main(): Promise<void> {
  const values = describedOptions('npm run reproduce:known', ABOUT, {
    only: { takes: 'TEXT', help: 'only servers whose name holds this text; the page is not written' },
    json: { takes: 'FILE', help: 'also write every parameter and every load as JSON' },
  });
  const results: KnownResult[] = [];
  for (const known of KNOWN_SERVERS.filter(({ name }) => name.includes(values.only ?? ''))) {
    say(known.name);
    results.push(await checkKnown(known));
  }
  const text = knownPage(results, provenanceLine());
  process.stdout.write(text);
  if (values.json !== undefined) await writeFileAtomically(values.json, jsonText(results));
  if (values.only === undefined) await writeFileAtomically(join(PAGE, 'README.md'), text);
}

await runScript(main);
