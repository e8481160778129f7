import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { wrap } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import { afterAll, expect, it } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'perseus-compile-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A clone in which nothing is compiled yet, with a command line of many files that each say one thing. */
function freshClone(files: number): void {
  rmSync(root, { recursive: true });
  mkdirSync(root);
  const options = { module: 'nodenext', target: 'ES2022', rootDir: 'src', noEmitOnError: true, types: [] };
  writeFileSync(
    join(root, 'tsconfig.build.json'),
    JSON.stringify({ compilerOptions: options, include: ['src'] }),
  );
  writeFileSync(join(root, 'package.json'), '{"type": "module"}');
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
  cpSync(resolve('bin'), join(root, 'bin'), { recursive: true });
  mkdirSync(join(root, 'src/cli'), { recursive: true });
  const numbers = Array.from({ length: files }, (_, i) => i);
  for (const i of numbers)
    writeFileSync(join(root, `src/cli/part${i}.ts`), `export const part${i}: number = ${i};\n`);
  const imports = numbers.map((i) => `import { part${i} } from './part${i}.js';`).join('\n');
  const sum = numbers.map((i) => `part${i}`).join(' + ');
  const print = 'declare const console: { log(value: unknown): void };\n';
  writeFileSync(join(root, 'src/cli/main.ts'), `${imports}\n${print}console.log(${sum});\n`);
}

async function run(): Promise<{ code: number | null; stdout: string }> {
  const child = spawn(process.execPath, [join(root, 'bin/perseus.js')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let stdout = '';
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  const code = await new Promise<number | null>((done) => child.on('close', done));
  return { code, stdout };
}

it('a fresh clone is compiled by each of several that start at once, and leaves one result', async () => {
  freshClone(300);
  const started: Promise<{ code: number | null; stdout: string }>[] = [];
  for (let i = 0; i < 4; i++) {
    started.push(run());
    await new Promise((resume) => setTimeout(resume, 300));
  }
  for (const outcome of await Promise.all(started))
    expect(outcome).toEqual({ code: 0, stdout: `${(300 * 299) / 2}\n` });
  expect(readdirSync(root).filter((name) => name.startsWith('dist'))).toEqual(['dist']);
  // Others may use it as they may use the sources.
  expect(statSync(join(root, 'dist')).mode).toBe(statSync(join(root, 'src')).mode);
  expect(await run()).toEqual({ code: 0, stdout: `${(300 * 299) / 2}\n` });
});

it('sources that are no TypeScript end with their place, and leave nothing behind', () => {
  freshClone(1);
  writeFileSync(join(root, 'src/cli/part0.ts'), 'export const part0 number;\n');
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'bin/perseus.js')], {
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toContain('part0.ts:1:19');
  expect(stderr).not.toContain('at async');
  expect(readdirSync(root).filter((name) => name.startsWith('dist'))).toEqual([]);
});

it('a thread of what a fresh clone compiles starts from the bundle, not from many small files', async () => {
  freshClone(1);
  const main = "console.log(new URL('../node/some-worker.js', import.meta.url).href);\n";
  writeFileSync(join(root, 'src/cli/main.ts'), main);
  mkdirSync(join(root, 'src/node'));
  writeFileSync(join(root, 'src/node/some-worker.ts'), 'export default () => 1;\n');
  const worker = pathToFileURL(join(root, 'dist/start/some-worker.js')).href;
  expect(await run()).toEqual({ code: 0, stdout: `${worker}\n` });
});

// Later versions of Node keep it themselves.
it.runIf(process.version.startsWith('v20.'))(
  'a bundle starts from the code that was made of it, and without that or with what is none',
  async () => {
    freshClone(3);
    await run();
    const code = join(root, `dist/start/bundle.cjs.${process.version}-${process.arch}`);
    const bundle = wrap(readFileSync(join(root, 'dist/start/bundle.cjs'), 'latin1'));
    const { cachedDataRejected } = new Script(bundle, { cachedData: readFileSync(code) });
    expect(cachedDataRejected).toBe(false);
    for (const spoil of [() => writeFileSync(code, 'nothing'), () => rmSync(code)]) {
      spoil();
      expect(await run()).toEqual({ code: 0, stdout: '3\n' });
    }
  },
);

it.each([
  [['src'], 'run npm ci in'],
  [[], 'install a package that npm pack made after npm run build'],
])('without a compiler and with %j says what to do, and leaves nothing behind', (folders, remedy) => {
  const place = mkdtempSync(join(tmpdir(), 'perseus-bare-'));
  cpSync(resolve('bin'), join(place, 'bin'), { recursive: true });
  for (const folder of folders) mkdirSync(join(place, folder));
  const { status, stderr } = spawnSync(process.execPath, [join(place, 'bin/perseus.js')], {
    encoding: 'utf8',
  });
  expect([status, stderr.split('\n').length]).toEqual([1, 3]);
  expect(stderr).toContain(remedy);
  expect(readdirSync(place).sort()).toEqual(['bin', ...folders]);
  rmSync(place, { recursive: true });
});
