import { InputError, type Place } from './problem.js';

/** The value of a text that is JSON; undefined for any other. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws InputError where the text is not JSON, with why; without `remedy` it was not copied whole */
export function readJson(text: string, place: Place, remedy = 'check that it was copied whole'): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw InputError.of(`the file is not JSON (${(error as Error).message})`, remedy, place);
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value, when it is a list. */
export function arrayOf(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}
