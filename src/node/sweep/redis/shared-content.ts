import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { IRedisClient } from 'bullmq';
import * as z from 'zod';
import { printable } from '../../../base/printable.js';
import { oneLine } from '../../../live/errors.js';
import type { ServerProfileFile } from '../../../profile/server-profile.js';
import { ServerProfileSchema, WholeProfileSchema } from '../../../profile/server-schema.js';
import type { ProfileFile, ScenarioResources } from '../../../scenario/resources.js';
import type { ScenarioSpec } from '../../../scenario/spec.js';
import { decodeValue, encodeValue } from '../../../sweep/content.js';
import { traceFromArrow } from '../../../trace/arrow/read-trace.js';
import { traceToArrow } from '../../../trace/arrow/write-trace.js';
import type { Trace } from '../../../trace/trace.js';
import { digest, Library, shareTrace } from '../content-library.js';
import { PREFIX } from './connection.js';
import { MalformedMessage, requireShape } from './messages.js';

/** Content that nobody has asked for so long is of a sweep that is over. */
const KEPT_MS = 7 * 24 * 3600 * 1000;
/** Traces that a worker keeps at hand. */
const MOST_TRACES = 16;

type Reading = Pick<IRedisClient, 'get'>;

const keyOf = (hash: string) => `${PREFIX}:content:${hash}`;

/** Puts the files of a sweep where workers find them. */
export async function publishContent(client: Pick<IRedisClient, 'set'>, library: Library): Promise<void> {
  for (const [hash, content] of library.files) {
    await client.set(keyOf(hash), await pack(Buffer.from(encodeValue(content))), { PX: KEPT_MS });
  }
  for (const [hash, trace] of library.traces) {
    await client.set(keyOf(hash), await pack(traceToArrow(trace)), { PX: KEPT_MS });
  }
}

const file = z.string();
const profileFiles: z.ZodType<readonly ProfileFile[]> = z.array(
  z.strictObject({ file, serverFile: file.exactOptional(), profile: WholeProfileSchema }),
);
const serverProfileFile: z.ZodType<ServerProfileFile> = z.strictObject({ file, server: ServerProfileSchema });

/** Gets content from Redis once, and the traces among it into memory that threads share. */
export class ContentReader {
  /** Has the traces that are at hand. */
  readonly library = new Library();
  readonly #files = new Map<string, Promise<unknown>>();
  readonly #traces = new Map<string, Promise<Trace>>();

  /**
   * What the scenario of a point names, by hashes in place of paths.
   * @throws Error where Redis has lost it or it is something else; the sweep then publishes it again
   */
  async read(client: Reading, { profiles, servers, tenants }: ScenarioSpec): Promise<ScenarioResources> {
    const fileOf =
      <T>(schema: z.ZodType<T>) =>
      (hash: string) =>
        this.#once(this.#files, hash, () => readFile(client, hash, schema)) as Promise<T>;
    const traceOf = (hash: string) => this.#once(this.#traces, hash, () => this.#readTrace(client, hash));
    const serverProfiles = servers.flatMap(({ serverProfile }) => serverProfile ?? []);
    const traces = tenants.flatMap(({ load }) => load.trace?.file ?? []);
    const resources = {
      profiles: await readAll(profiles, fileOf(profileFiles)),
      serverProfiles: await readAll(serverProfiles, fileOf(serverProfileFile)),
      configs: new Map(),
      traces: await readAll(traces, traceOf),
    };
    for (const hash of [...this.#traces.keys()].slice(0, -MOST_TRACES)) {
      this.#traces.delete(hash);
      this.library.traces.delete(hash);
    }
    return resources;
  }

  async #readTrace(client: Reading, hash: string): Promise<Trace> {
    const bytes = await fetchBytes(client, hash);
    const read = reading(hash, () => traceFromArrow(bytes));
    const trace = shareTrace(requireSame(read, hash, new Library().addTrace(read)));
    this.library.traces.set(hash, trace);
    return trace;
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

async function readAll<T>(hashes: readonly string[], read: (hash: string) => Promise<T>) {
  const entries = hashes.map(async (hash) => [hash, { value: await read(hash) }] as const);
  return new Map(await Promise.all(entries));
}

async function readFile<T>(client: Reading, hash: string, schema: z.ZodType<T>): Promise<T> {
  const text = new TextDecoder().decode(await fetchBytes(client, hash));
  const value = reading(hash, () => decodeValue(text));
  requireShape(schema, value, `the content ${hash}`);
  return requireSame(value as T, hash, digest(text));
}

async function fetchBytes(client: Reading, hash: string): Promise<Uint8Array> {
  // It becomes part of the name of a key.
  if (!/^[0-9a-f]{32}$/.test(hash))
    throw new MalformedMessage(printable(`"${hash}" is no address of content`));
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
