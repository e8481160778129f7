import { InputError } from '../../../base/problem.js';

export interface RedisAddress {
  /** Options of ioredis, whose types are not there where it is not installed. */
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly username?: string;
    readonly password?: string;
    readonly db?: number;
    readonly tls?: object;
  };
  /** For people: without the password. */
  readonly label: string;
}

/**
 * The address `redis://user:password@host:6379/0`; `rediss://` for TLS. User, password, port and number of
 * the database may be left out; a password may stand in the environment as REDIS_PASSWORD instead, where
 * other users of the machine cannot see it.
 *
 * @param option that it was given as, for the message
 * @throws InputError when it is none
 */
export function parseRedisUrl(text: string, option: string): RedisAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const database = url?.pathname.replace(/^\//, '') ?? '';
  const isRedis = url?.protocol === 'redis:' || url?.protocol === 'rediss:';
  const username = decoded(url?.username ?? '');
  const givenPassword = decoded(url?.password ?? '');
  const isWhole = username !== undefined && givenPassword !== undefined && /^\d{0,5}$/.test(database);
  // Other programs take options there, and a password that holds a # or ? ends up there: neither may be lost.
  const hasMore = url !== undefined && (url.search !== '' || url.hash !== '' || url.port === '0');
  if (url === undefined || !isRedis || url.hostname === '' || !isWhole || hasMore) {
    throw InputError.of('it is no address of a Redis', 'write redis://host:6379, or rediss:// for TLS', {
      path: option,
    });
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? 6379 : Number(url.port);
  const password = givenPassword === '' ? (process.env['REDIS_PASSWORD'] ?? '') : givenPassword;
  return {
    connection: {
      host,
      port,
      ...(username === '' ? {} : { username }),
      ...(password === '' ? {} : { password }),
      ...(database === '' ? {} : { db: Number(database) }),
      ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
    },
    label: `${url.protocol}//${url.hostname}:${port}${database === '' ? '' : `/${database}`}`,
  };
}

/** With %40 and the like as what they stand for; undefined where a % begins none of these. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
