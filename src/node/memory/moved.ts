import { isMainThread } from 'node:worker_threads';
import { Piscina } from 'piscina';

/** The result of a task, whose columns are handed to the other thread, not copied: this thread must not use them again. */
export function moved<Result extends object>(result: Result): Result {
  if (isMainThread) return result;
  return Piscina.move({
    [Piscina.transferableSymbol]: [...buffersOf(result, new Set())],
    [Piscina.valueSymbol]: result,
    // Piscina knows what is to be moved by these two alone.
  } as unknown as ArrayBuffer) as unknown as Result;
}

/** Every buffer of a column in a value and all that it holds. */
function buffersOf(value: unknown, seen: Set<unknown>, found = new Set<ArrayBuffer>()): Set<ArrayBuffer> {
  if (typeof value !== 'object' || value === null || seen.has(value)) return found;
  seen.add(value);
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (value instanceof Map) {
    for (const entry of value.values()) buffersOf(entry, seen, found);
  } else {
    for (const entry of Object.values(value)) buffersOf(entry, seen, found);
  }
  return found;
}
