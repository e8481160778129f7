import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import type { Price } from '../../src/cost/cost.js';
import { priceMachine } from '../../src/cost/machine-price.js';
import { parsePriceBook } from '../../src/cost/parse-price-book.js';
import { findPrice, isRecalled } from '../../src/cost/price-book.js';
import { readPriceBook, SHIPPED_PRICES } from '../../src/node/scenario/price-files.js';
import { forEachCsvRow } from '../../src/trace/csv-rows.js';

const ROW: Price = {
  provider: 'cloud',
  sku: 'big-gpu',
  gpu: 'T4',
  gpuCount: 1,
  vcpu: 4,
  memoryGib: 16,
  usdPerHour: 0.5,
  spotUsdPerHour: 0.2,
  scope: 'instance',
  region: 'west',
  asOf: '2024',
  source: 'list',
  confidence: 'sourced',
};

function bookText(...rows: readonly Partial<Price>[]): string {
  return JSON.stringify(
    { format: 'perseus-prices/1', prices: rows.map((row) => ({ ...ROW, ...row })) },
    null,
    1,
  );
}

function problemsOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).message;
  }
  throw new Error('nothing was wrong');
}

describe('price book', () => {
  const book = parsePriceBook(
    bookText(
      {},
      { region: 'east', usdPerHour: 0.6 },
      { provider: 'other', sku: 'small', spotUsdPerHour: 0.1, usdPerHour: 0.3 },
      { sku: 'old', confidence: 'recalled - verify' },
    ),
  );

  it('finds the row that is meant, without regard to case', () => {
    expect(findPrice(book, { sku: 'Big-GPU', region: 'EAST' }).usdPerHour).toBe(0.6);
    expect(findPrice(book, { sku: 'small' }).provider).toBe('other');
  });

  it('names the nearest row, or where there is one, when there is none', () => {
    expect(problemsOf(() => findPrice(book, { sku: 'smal' }))).toContain('did you mean small?');
    expect(problemsOf(() => findPrice(book, { sku: 'small', region: 'north' }))).toContain(
      'there is one of other small, west',
    );
    expect(problemsOf(() => findPrice(book, { sku: 'something else' }))).toContain('known are: big-gpu');
  });

  it('does not choose between regions', () => {
    expect(problemsOf(() => findPrice(book, { sku: 'big-gpu' }))).toContain(
      'name the provider and the region',
    );
  });

  it('never takes a recalled price unless it is asked to', () => {
    const found = problemsOf(() => findPrice(book, { sku: 'old' }));
    expect(found).toContain('only recalled');
    expect(found).toContain('allowRecalled: true');
    expect(isRecalled(findPrice(book, { sku: 'old', allowRecalled: true }))).toBe(true);
  });

  it('reports every mistake with its line and path', () => {
    const text = bookText({}, { usdPerHour: -1, scope: 'galaxy' as never });
    const message = problemsOf(() => parsePriceBook(text, { file: 'prices.json' }));
    expect(message).toMatch(/prices.json:\d+:\d+: prices\[1\].usdPerHour/);
    expect(message).toMatch(/prices\[1\].scope/);
  });

  it('refuses two prices of the same thing', () => {
    expect(problemsOf(() => parsePriceBook(bookText({}, {})))).toContain('priced twice, first in prices[0]');
  });

  it('answers any text with a book or an InputError', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ format: fc.constant('perseus-prices/1'), prices: fc.jsonValue() })
        .map((value) => JSON.stringify(value)),
      fc
        .dictionary(fc.constantFrom(...Object.keys(ROW)), fc.jsonValue())
        .map((row) => bookText(row as Partial<Price>)),
    );
    fc.assert(
      fc.property(anything, (text) => {
        try {
          expect(parsePriceBook(text).prices).toBeInstanceOf(Array);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('price of a machine', () => {
  const book = parsePriceBook(
    bookText(
      {},
      { sku: 'vcpu', usdPerHour: 0.03, scope: 'per_vcpu', spotUsdPerHour: 0.01 },
      { sku: 'never spot', spotUsdPerHour: undefined as never },
    ),
  );

  it('is the sum of its parts, with every source named', () => {
    const { usdPerHour, priceSource } = priceMachine(book, 'mine', [
      { sku: 'big-gpu' },
      { sku: 'vcpu', count: 10 },
    ]);
    expect(usdPerHour).toBeCloseTo(0.8, 12);
    expect(priceSource).toBe('cloud big-gpu, west (2024; list) + 10 × cloud vcpu, west (2024; list)');
  });

  it('takes spot prices where asked', () => {
    expect(priceMachine(book, 'mine', [{ sku: 'vcpu', count: 2, spot: true }]).usdPerHour).toBeCloseTo(
      0.02,
      12,
    );
    expect(problemsOf(() => priceMachine(book, 'mine', [{ sku: 'never spot', spot: true }]))).toContain(
      'has no spot price of',
    );
  });

  it('reports the problems of all parts', () => {
    const message = problemsOf(() =>
      priceMachine(book, 'mine', [{ sku: 'big-gpus' }, { sku: 'vcpu', count: -1 }]),
    );
    expect(message).toContain('parts[0]: there is no price of big-gpus; did you mean big-gpu?');
    expect(message).toContain('parts[1].count: -1 is not a number of parts');
    expect(problemsOf(() => priceMachine(book, 'mine', []))).toContain('has no priced part');
  });
});

describe('the shipped price book', () => {
  it('is valid, and every row has a date and a source', async () => {
    const { prices } = await readPriceBook();
    expect(prices.length).toBeGreaterThan(30);
    expect(prices.every(({ asOf, source }) => asOf !== '' && source !== '')).toBe(true);
  });

  it('prices the seed paper’s kind of machine: n1 host with P4 GPUs', async () => {
    const machine = priceMachine(await readPriceBook(), 'n1 + 2 x P4', [
      { provider: 'gcp', sku: 'n1-custom vCPU', region: 'us-central1', count: 16 },
      { provider: 'gcp', sku: 'n1-custom GiB', region: 'us-central1', count: 60 },
      { provider: 'gcp', sku: 'gpu-P4', count: 2 },
    ]);
    expect(machine.usdPerHour).toBeCloseTo(16 * 0.033174 + 60 * 0.004446 + 1.2, 9);
  });

  it('says what is wrong with a file that is not there', async () => {
    await expect(readPriceBook('/nowhere/prices.json')).rejects.toThrow(InputError);
  });

  const source = '../shared/data/prices/price_book.csv';
  it.skipIf(!existsSync(source))('has every row of its source (skipped without ../shared)', () => {
    let rows = -1;
    forEachCsvRow(readFileSync(source, 'utf8'), { row: () => rows++ });
    expect(parsePriceBook(readFileSync(SHIPPED_PRICES, 'utf8')).prices).toHaveLength(rows);
  });
});
