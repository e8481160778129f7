import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { InputError } from '../base/problem.js';
import { type PriceBook, parsePriceBook } from '../cost/price-book.js';

/** The price book that perseus ships. */
export const SHIPPED_PRICES = fileURLToPath(new URL('../../calibration/prices.json', import.meta.url));

/**
 * Reads a price book; the shipped one when no file is named.
 *
 * @throws InputError when the file cannot be read or is wrong.
 */
export async function readPriceBook(file: string = SHIPPED_PRICES): Promise<PriceBook> {
  let content: string;
  try {
    content = await readFile(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw InputError.of(`the price book cannot be read: ${reason}`, 'name a readable file', { file });
  }
  return parsePriceBook(content, { file });
}
