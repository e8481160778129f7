import { createHash } from 'node:crypto';
import type { ModelProfile } from '../../profile/profile.js';
import type { ContentLibrary } from '../../sweep/attach.js';
import { encodeValue } from '../../sweep/content.js';
import { OPTIONAL_COLUMNS, type Trace } from '../../trace/trace.js';

/** Hexadecimal digits of an address: 128 bits, beyond any chance of two being the same. */
const ADDRESS_LENGTH = 32;

/** The address of a text. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, ADDRESS_LENGTH);
}

/** Profiles and traces by the hash of their content. */
export class Library implements ContentLibrary {
  readonly profiles = new Map<string, ModelProfile>();
  readonly traces = new Map<string, Trace>();
  /** Lists of profiles, and server profiles, as they were read for points. */
  readonly files = new Map<string, object>();
  readonly #hashes = new WeakMap<object, string>();

  /** Puts a profile in and gives its hash. */
  addProfile(profile: ModelProfile): string {
    return this.#add(this.profiles, profile, () => digest(encodeValue(profile)));
  }

  addTrace(trace: Trace): string {
    return this.#add(this.traces, trace, () => hashTrace(trace));
  }

  addFile(content: object): string {
    return this.#add(this.files, content, () => digest(encodeValue(content)));
  }

  clear(): void {
    this.profiles.clear();
    this.traces.clear();
  }

  profile(hash: string): ModelProfile {
    return required(this.profiles.get(hash), 'profile', hash);
  }

  trace(hash: string): Trace {
    return required(this.traces.get(hash), 'trace', hash);
  }

  #add<T extends object>(entries: Map<string, T>, value: T, hashOf: () => string): string {
    const known = this.#hashes.get(value);
    if (known !== undefined) return known;
    const hash = hashOf();
    this.#hashes.set(value, hash);
    if (!entries.has(hash)) entries.set(hash, value);
    return hash;
  }
}

function required<T>(value: T | undefined, what: string, hash: string): T {
  if (value === undefined) throw new Error(`there is no ${what} ${hash}`);
  return value;
}

const COLUMNS = ['arrivalUs', 'tenant', ...OPTIONAL_COLUMNS] as const;

function hashTrace(trace: Trace): string {
  const hash = createHash('sha256').update(JSON.stringify([trace.tenants, trace.durationUs]));
  for (const key of COLUMNS) {
    const column = trace[key];
    hash.update(`\n${key}\n`);
    if (column !== undefined)
      hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  }
  return hash.digest('hex').slice(0, ADDRESS_LENGTH);
}

/** The trace with its columns in memory that threads share. */
export function shareTrace(trace: Trace): Trace {
  const shared = COLUMNS.flatMap((key) => {
    const column = trace[key];
    if (column === undefined) return [];
    const buffer = new SharedArrayBuffer(column.byteLength);
    const copy = new (column.constructor as Float64ArrayConstructor)(buffer as unknown as ArrayBuffer);
    // Of one tenant all numbers are 0, as new memory is: what is not written takes no room.
    if (key !== 'tenant' || trace.tenants.length > 1) copy.set(column as Float64Array);
    return [[key, copy]];
  });
  return { ...trace, ...Object.fromEntries(shared) };
}
