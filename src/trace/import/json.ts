import { InputError, type Place } from '../../base/problem.js';

/** @throws InputError when the text is not JSON */
export function parseJson(text: string, place: Place): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw InputError.of(
      `the file is not JSON (${(error as Error).message})`,
      'check that it was copied whole',
      place,
    );
  }
}

/** The value, when it is a list. */
export function arrayOf(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}
