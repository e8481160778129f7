import { fileURLToPath } from 'node:url';
import { parsePriceBook } from '../../cost/parse-price-book.js';
import type { PriceBook } from '../../cost/price-book.js';
import { readText } from '../files/read-text.js';

export const SHIPPED_PRICES = fileURLToPath(new URL('../../../calibration/prices.json', import.meta.url));

/**
 * Reads a price book; the shipped one when no file is named.
 *
 * @throws InputError when the file cannot be read or is wrong.
 */
export async function readPriceBook(file: string = SHIPPED_PRICES): Promise<PriceBook> {
  return parsePriceBook(await readText(file), { file });
}
