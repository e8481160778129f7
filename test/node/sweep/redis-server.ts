import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Why there can be no Redis here; undefined where there can. */
export function whyNoRedis(): string | undefined {
  return spawnSync('redis-server', ['--version']).error === undefined
    ? undefined
    : 'redis-server is not installed (apt-get install redis-server)';
}

/** A real Redis on a free port, which can be killed and started again. */
export class RedisServer {
  readonly url: string;
  readonly #port: number;
  readonly #persists: boolean;
  readonly #folder = mkdtempSync(join(tmpdir(), 'perseus-redis-'));
  #process: ChildProcess | undefined;

  private constructor(port: number, persists: boolean) {
    this.#port = port;
    this.#persists = persists;
    this.url = `redis://127.0.0.1:${port}`;
  }

  /** @param persists whether what it holds outlives its death */
  static async start(persists: boolean): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), persists);
    await server.start();
    return server;
  }

  /** Starts it by a shell line that ends in `redis-server - OPTIONS`, with a configuration on its standard input. */
  static async startBy(script: string, env: Readonly<Record<string, string>>): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), false);
    const here = `redis-server - --port ${server.#port} --bind 127.0.0.1 --dir ${server.#folder}`;
    const line = script.replace('redis-server -', here);
    server.#process = spawn('sh', ['-c', line], { stdio: 'ignore', env: { ...process.env, ...env } });
    while (!(await answers(server.#port))) await sleep(50);
    return server;
  }

  async start(): Promise<void> {
    const keep = this.#persists ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
    const words = ['--port', String(this.#port), '--bind', '127.0.0.1', '--save', '', '--dir', this.#folder];
    this.#process = spawn('redis-server', [...words, ...keep], { stdio: 'ignore' });
    while (!(await answers(this.#port))) await sleep(50);
  }

  /** @param words of a command, which `redis-cli` gives */
  do(...words: string[]): void {
    this.ask(words);
  }

  /** What `redis-cli` says of a command. */
  ask(words: readonly string[], env: Readonly<Record<string, string>> = {}): string {
    const options = { encoding: 'utf8', env: { ...process.env, ...env } } as const;
    return spawnSync('redis-cli', ['-p', String(this.#port), ...words], options).stdout;
  }

  /** As lists of processes show it. */
  commandLine(): string {
    return readFileSync(`/proc/${this.#process!.pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  }

  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.#process!.on('exit', resolve));
    this.#process!.kill('SIGKILL');
    await ended;
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.on('connect', () => socket.write('PING\r\n'));
    socket.on('data', (data) => end(/^(\+PONG|-NOAUTH)/.test(data.toString())));
    socket.on('error', () => end(false));
  });
}
