import { InputError, ProblemList, problemsOf } from '../base/problem.js';
import type { Machine } from '../scenario/scenario.js';
import type { Price } from './cost.js';
import { describe, findPrice, isRecalled, type PriceBook, type PriceQuery } from './price-book.js';

/** A part of a machine: so many of what a row of the price book prices. */
export interface MachinePart extends PriceQuery {
  /** Instances, GPUs, vCPUs or GiB, as the row's scope says. Default 1. */
  readonly count?: number;
  /** Take the spot price. Default false. */
  readonly spot?: boolean;
}

/**
 * A machine priced as the sum of its parts, e.g. 16 × n1-custom vCPU, 60 × n1-custom GiB and 2 × gpu-P4.
 * Its source names every row with its date.
 *
 * @throws InputError with the problems of all parts, each with the path `parts[i]`.
 */
export function priceMachine(book: PriceBook, kind: string, parts: readonly MachinePart[]): Machine {
  const problems = new ProblemList();
  const lines = parts.map((part, i) => priceLine(book, part, i, problems));
  if (parts.length === 0) problems.add({ what: `the machine ${kind} has no priced part` });
  problems.throwIfAny();
  const priced = lines.filter((line) => line !== undefined);
  return {
    kind,
    usdPerHour: priced.reduce((sum, { usdPerHour }) => sum + usdPerHour, 0),
    priceSource: priced.map(({ source }) => source).join(' + '),
  };
}

function priceLine(book: PriceBook, part: MachinePart, index: number, problems: ProblemList) {
  const path = `parts[${index}]`;
  const count = part.count ?? 1;
  if (!(Number.isFinite(count) && count >= 0)) {
    problems.add({
      path: `${path}.count`,
      what: `${count} is not a number of parts`,
      remedy: 'write 0 or more',
    });
    return undefined;
  }
  try {
    const price = findPrice(book, part);
    const usd = part.spot === true ? spotPrice(price) : price.usdPerHour;
    return { usdPerHour: usd * count, source: sourceLine(price, count, part.spot === true) };
  } catch (error) {
    for (const problem of problemsOf(error)) problems.add({ path, ...problem });
    return undefined;
  }
}

function spotPrice(price: Price): number {
  if (price.spotUsdPerHour !== undefined) return price.spotUsdPerHour;
  throw InputError.of(`the price book has no spot price of ${describe(price)}`, 'leave out `spot`');
}

function sourceLine(price: Price, count: number, spot: boolean): string {
  const label = `${count === 1 ? '' : `${count} × `}${describe(price)}${spot ? ', spot' : ''}`;
  return `${label} (${price.asOf}; ${price.source}${isRecalled(price) ? '; recalled, not verified' : ''})`;
}
