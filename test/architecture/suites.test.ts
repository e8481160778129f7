import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const folder = join(import.meta.dirname, '..');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && file !== 'architecture/suites.test.ts')
  .map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));

const endingOf = (file: string) => /(\.\w+)?\.test\.ts$/.exec(file)![0];

it.each([
  ['need a real Triton or Redis', '.live.test.ts', /support\/triton\.js'|redis-server\.js'|describeLive\(/],
  ['replace modules', '.mock.test.ts', /\bvi\.mock\(/],
])('exactly the files that %s end in %s, by which their suite knows them', (_, ending, sign) => {
  const having = files.filter(({ text }) => sign.test(text)).map(({ file }) => file);
  expect(having.length).toBeGreaterThan(0);
  expect(having).toEqual(files.filter(({ file }) => file.endsWith(ending)).map(({ file }) => file));
});

it('no other ending is in use, which no suite would know', () => {
  const endings = new Set(files.map(({ file }) => endingOf(file)));
  expect([...endings].sort()).toEqual(['.live.test.ts', '.mock.test.ts', '.slow.test.ts', '.test.ts']);
});
