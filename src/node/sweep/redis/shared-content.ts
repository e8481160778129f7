import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { IRedisClient } from 'bullmq';
import { printable } from '../../../base/printable.js';
import { oneLine } from '../../../live/errors.js';
import type { ModelProfile } from '../../../profile/profile.js';
import { WholeProfileSchema } from '../../../profile/server-schema.js';
import { decodeValue, encodeValue } from '../../../sweep/content.js';
import type { ContentNames } from '../../../sweep/detached.js';
import { traceFromArrow } from '../../../trace/arrow/read-trace.js';
import { traceToArrow } from '../../../trace/arrow/write-trace.js';
import type { Trace } from '../../../trace/trace.js';
import { Library, shareTrace } from '../content-library.js';
import type { PointContent } from '../sweep-thread.js';
import { PREFIX } from './connection.js';
import { MalformedMessage, requireShape } from './messages.js';

/** Content that nobody has asked for so long is of a sweep that is over. */
const KEPT_MS = 7 * 24 * 3600 * 1000;
/** Traces that a worker keeps at hand. */
const MOST_TRACES = 16;

const keyOf = (hash: string) => `${PREFIX}:content:${hash}`;

/** Puts the profiles and traces of a sweep where workers find them. */
export async function publishContent(client: IRedisClient, library: Library): Promise<void> {
  for (const [hash, profile] of library.profiles) {
    await client.set(keyOf(hash), await pack(Buffer.from(encodeValue(profile))), { PX: KEPT_MS });
  }
  for (const [hash, trace] of library.traces) {
    await client.set(keyOf(hash), await pack(traceToArrow(trace)), { PX: KEPT_MS });
  }
}

/** Gets content from Redis once, and the traces among it into memory that threads share. */
export class ContentReader {
  readonly #profiles = new Map<string, Promise<ModelProfile>>();
  readonly #traces = new Map<string, Promise<Trace>>();

  /** @throws Error where Redis has lost it or it is something else; the sweep then publishes it again */
  async read(client: IRedisClient, { profiles, traces }: ContentNames): Promise<PointContent> {
    const [readProfiles, readTraces] = await Promise.all([
      Promise.all(profiles.map((hash) => this.#once(this.#profiles, hash, () => readProfile(client, hash)))),
      Promise.all(traces.map((hash) => this.#once(this.#traces, hash, () => readTrace(client, hash)))),
    ]);
    for (const hash of [...this.#traces.keys()].slice(0, -MOST_TRACES)) this.#traces.delete(hash);
    return {
      profiles: new Map(profiles.map((hash, i) => [hash, readProfiles[i]!])),
      traces: new Map(traces.map((hash, i) => [hash, readTraces[i]!])),
    };
  }

  #once<T>(entries: Map<string, Promise<T>>, hash: string, read: () => Promise<T>): Promise<T> {
    const found = entries.get(hash) ?? read();
    // Put in again at the end: what was used last is kept longest.
    entries.delete(hash);
    entries.set(hash, found);
    found.catch(() => entries.delete(hash));
    return found;
  }
}

async function readProfile(client: IRedisClient, hash: string): Promise<ModelProfile> {
  const bytes = await fetchBytes(client, hash);
  const value = reading(hash, () => decodeValue(new TextDecoder().decode(bytes)));
  const profile = requireShape(WholeProfileSchema, value, `the profile ${hash}`);
  return requireSame(profile, hash, new Library().addProfile(profile));
}

async function readTrace(client: IRedisClient, hash: string): Promise<Trace> {
  const bytes = await fetchBytes(client, hash);
  const trace = reading(hash, () => traceFromArrow(bytes));
  return shareTrace(requireSame(trace, hash, new Library().addTrace(trace)));
}

async function fetchBytes(client: IRedisClient, hash: string): Promise<Uint8Array> {
  const text = await client.get(keyOf(hash));
  if (text === null) throw new Error(`Redis has no content ${hash}`);
  return promisify(gunzip)(Buffer.from(text, 'base64')).catch((error: unknown) => {
    throw unreadable(hash, error);
  });
}

function reading<T>(hash: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unreadable(hash, error);
  }
}

function unreadable(hash: string, error: unknown): MalformedMessage {
  return new MalformedMessage(printable(`the content ${hash} cannot be read: ${oneLine(error)}`));
}

function requireSame<T>(value: T, hash: string, found: string): T {
  if (found !== hash) throw new MalformedMessage(`the content ${hash} arrived as ${found}`);
  return value;
}

/** Redis is asked for texts, so bytes go as base64. */
async function pack(bytes: Uint8Array): Promise<string> {
  return (await promisify(gzip)(bytes, { level: 1 })).toString('base64');
}
