import { provenanceLine } from '../src/node/runs/package-facts.js';
import { checkKnown, type KnownResult } from './known/check-known.js';
import { knownPage } from './known/page.js';
import { KNOWN_SERVERS } from './known/servers.js';
import { reproduction } from './support/reproduction.js';

await reproduction({
  name: 'known',
  about: `Calibrates simulated servers of which every figure is known, and shows what was found of each, worst first.
Needs no server. About four minutes.`,
  results: 'results/known',
  fitsNothing: 'each server is calibrated by itself',
  options: { only: { takes: 'TEXT', help: 'only servers whose name holds this text' } },
  partial: ['only'],
  run: async ({ only = '' }, onProgress) => {
    const results: KnownResult[] = [];
    for (const known of KNOWN_SERVERS.filter(({ name }) => name.includes(only))) {
      onProgress(known.name);
      results.push(await checkKnown(known));
    }
    return results;
  },
  files: (results) => new Map([['README.md', page(results)]]),
  json: (results) => results,
  report: page,
});

function page(results: readonly KnownResult[]): string {
  return knownPage(results, provenanceLine());
}
