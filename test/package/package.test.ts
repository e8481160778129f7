import { readdirSync, readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const facts = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join(root, 'src', file), 'utf8') }));

/** Packages that the sources load when they run, types left out. */
function loadedPackages(): ReadonlySet<string> {
  const statements =
    /^(?:import|export)(?! type\b)[^;]*? from ['"]([^'".][^'"]*)['"]|\bimport\('([^'.$][^']*)'\)/gm;
  // What the page loads is built into it; what Node takes from its folder loads the core alone.
  const names = sources
    .filter(({ file }) => !file.startsWith('page/'))
    .flatMap(({ text }) => [...text.matchAll(statements)].map(([, named, dynamic]) => (named ?? dynamic)!));
  const packages = names.filter((name) => !isBuiltin(name) && name !== 'vite');
  return new Set(packages.map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)![0]));
}

describe('the package', () => {
  it('has the packages that it loads as dependencies or optional peers, and no others', () => {
    const installed = [...Object.keys(facts.dependencies), ...Object.keys(facts.peerDependencies)];
    // bullmq loads ioredis.
    expect([...loadedPackages(), 'ioredis'].sort()).toEqual(installed.sort());
  });

  it('exports every schema by its name', () => {
    const { resolve: resolveName } = createRequire(join(root, 'package.json'));
    const schemas = readdirSync(join(root, 'schemas'));
    expect(schemas).toContain('scenario.schema.json');
    for (const name of schemas)
      expect(resolveName(`perseus/schemas/${name}`)).toBe(join(root, 'schemas', name));
  });

  it('has no module that others import for its side effects, as it promises to bundlers', () => {
    expect(facts.sideEffects).toBe(false);
    const found = sources.filter(({ text }) => /^import '/m.test(text)).map(({ file }) => file);
    expect(found).toEqual([]);
  });
});
