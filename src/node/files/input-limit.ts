import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

/** Node hands data of this name to every thread that is started later. */
const KEY = 'perseus: most bytes that an input may unpack to';

/** A day of the largest public traces unpacks to less; one that is made to fill the memory comes to more. */
const DEFAULT_BYTES = 2 ** 30;

/** Most bytes that are taken out of one gzip file, device or pipe. */
export function maxUnpackedBytes(): number {
  return (getEnvironmentData(KEY) as number | undefined) ?? DEFAULT_BYTES;
}

/** Sets {@link maxUnpackedBytes} for this thread, and for those that it starts from now on. */
export function setMaxUnpackedBytes(bytes: number): void {
  setEnvironmentData(KEY, bytes);
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A size for people, such as `1 GiB`. */
export function sizeInWords(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${Math.round((bytes / 1024 ** power) * 10) / 10} ${UNITS[power]}`;
}
