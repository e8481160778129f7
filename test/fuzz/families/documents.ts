import { InputError } from '../../../src/base/problem.js';
import { priceMachine } from '../../../src/cost/machine-price.js';
import { parsePriceBook } from '../../../src/cost/parse-price-book.js';
import type { PriceBook } from '../../../src/cost/price-book.js';
import { describeProfile } from '../../../src/profile/describe.js';
import { inspectProfile } from '../../../src/profile/inspect.js';
import { parseProfile, serializeProfile } from '../../../src/profile/parse.js';
import type { ModelProfile } from '../../../src/profile/profile.js';
import { serviceTime } from '../../../src/profile/service-time.js';
import { devicesToCsv, tenantsToCsv } from '../../../src/report/csv.js';
import { parseReport, reportToJson } from '../../../src/report/json.js';
import { reportToText } from '../../../src/report/text.js';
import { chance, pick, type Random, words } from '../choose.js';
import { demand, type Family, INPUT_FILE, textFamily } from '../family.js';
import { mistakenText } from '../mutate-text.js';
import { mutateValue, toJson, toYaml } from '../mutate-value.js';
import { findWrongNumber } from '../numbers.js';
import { shippedTexts } from '../samples.js';

const options = { file: INPUT_FILE };

/** The JSON files that perseus reads with one schema each: profiles, price books, and reports like the given one. */
export function documentFamilies(report: string): readonly Family[] {
  const profiles = shippedTexts('calibration', '.profile.json');
  const prices = shippedTexts('calibration', 'prices.json').map(firstPrices);
  return [
    documentFamily('profile', profiles, readProfile),
    documentFamily('prices', prices, readPrices),
    documentFamily('report', [report], readReport),
  ];
}

function documentFamily(name: string, samples: readonly string[], read: (text: string) => void): Family {
  const generate = (random: Random) => documentText(random, samples);
  return textFamily({ name, everyProblemHasLine: true, generate, read });
}

/** Half of the inputs are sound JSON or YAML with wrong values, the others mistaken text. */
function documentText(random: Random, samples: readonly string[]): string {
  const sample = pick(random, samples);
  if (chance(random, 0.5)) return mistakenText(random, { samples: [sample], words: WORDS });
  const value = mutateValue(random, JSON.parse(sample));
  return chance(random, 0.2) ? toYaml(value) : toJson(value, pick(random, [0, 2]));
}

const WORDS = words('{ } [ ] : , "x": null true &a *a ---', '- ', '\n', '  ', '<<: *a', '? ');

/** Enough of the price book to break; all of it takes long to read. */
function firstPrices(text: string): string {
  const book = JSON.parse(text) as PriceBook;
  return JSON.stringify({ ...book, prices: book.prices.slice(0, 12) }, undefined, 2);
}

function readProfile(text: string): void {
  const profile = parseProfile(text, options);
  const wrong = findWrongNumber(profile);
  demand(wrong === undefined, `the profile has ${wrong}`);
  const written = serializeProfile(profile);
  demand(serializeProfile(parseProfile(written)) === written, 'written and read again it is another profile');
  for (const [what, value] of Object.entries(viewsOf(profile))) {
    const bad = findWrongNumber(value, { infinite: true, negative: what === 'description' });
    demand(bad === undefined, `${what} of the profile has ${bad}`);
  }
}

function viewsOf(profile: ModelProfile) {
  return {
    description: describeProfile(profile),
    inspection: inspectProfile(profile),
    'service time': [1, 3, 8, 64, 65_535].map((batchSize) => serviceTime(profile, batchSize)),
  };
}

function readPrices(text: string): void {
  const book = parsePriceBook(text, options);
  const wrong = findWrongNumber(book);
  demand(wrong === undefined, `the price book has ${wrong}`);
  for (const { sku, provider, region } of book.prices) {
    try {
      const machine = priceMachine(book, 'machine', [
        { sku, provider, region, count: 2, allowRecalled: true },
      ]);
      const bad = findWrongNumber(machine, { infinite: true });
      demand(bad === undefined, `the machine has ${bad}`);
    } catch (error) {
      // Rows that differ only in the case of letters cannot be told apart.
      if (!(error instanceof InputError)) throw error;
    }
  }
}

function readReport(text: string): void {
  const report = parseReport(text, options);
  const written = reportToJson(report);
  demand(reportToJson(parseReport(written)) === written, 'written and read again it is another report');
  demand(reportToText(report).length > 0, 'the report has no text');
  demand(tenantsToCsv(report).length + devicesToCsv(report).length > 0, 'the report has no table');
}
