import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const src = resolve(import.meta.dirname, '../../src');
const textOf = (file: string) => readFileSync(join(src, file), 'utf8');

interface Exported {
  readonly name: string;
  /** Below src/. */
  readonly file: string;
}

/** What an entry exports by name, and what it hands on whole. */
function exportsOf(entry: string): readonly Exported[] {
  const text = textOf(entry);
  const named = [...text.matchAll(/^export (?:type )?\{([^}]*)\} from '\.\/(.*)\.js';/gm)];
  const own = named.flatMap(([, names, path]) =>
    names!
      .split(',')
      .map((name) => name.replace(/^\s*type /, '').trim())
      .filter((name) => name !== '')
      .map((name) => ({ name, file: `${path}.ts` })),
  );
  const whole = [...text.matchAll(/^export \* from '\.\/(.*)\.js';/gm)].map(([, path]) => `${path}.ts`);
  return [...own, ...whole.flatMap((file) => (file === 'index.ts' ? exportsOf(file) : declaredIn(file)))];
}

function declaredIn(file: string): readonly Exported[] {
  const declared = textOf(file).matchAll(
    /^export (?:abstract )?(?:async )?(?:class|const|function|interface|type) (\w+)/gm,
  );
  return [...declared].map(([, name]) => ({ name: name!, file }));
}

/** The types of parameters and result that a function of a file names, of those that perseus exports from any file. */
function typesInSignature({ name, file }: Exported): readonly string[] {
  const text = textOf(file);
  const [signature] =
    new RegExp(`^export (?:async )?function ${name}\\b[\\s\\S]*?\\{\\n`, 'm').exec(text) ?? [];
  if (signature === undefined) return [];
  const words = new Set(signature.match(/\b[A-Z][a-z]\w*/g));
  const imported = [...text.matchAll(/^import (type )?\{([^}]*)\} from '(\.[^']*)\.js';/gm)].flatMap(
    ([, , names, path]) =>
      names!.split(',').map((one) => ({
        name: one.replace(/^\s*type /, '').trim(),
        file: `${join(dirname(file), path!)}.ts`,
      })),
  );
  const known = new Set([...imported, ...declaredIn(file)].map((one) => one.name));
  return [...words].filter((word) => known.has(word));
}

describe('the types of the library', () => {
  it.each(['index.ts', 'node.ts'])('%s exports each that a function of it takes or gives', (entry) => {
    const exported = exportsOf(entry);
    const names = new Set(exported.map(({ name }) => name));
    expect(names.size).toBeGreaterThan(100);
    const missing = exported.flatMap((one) =>
      typesInSignature(one)
        .filter((type) => !names.has(type))
        .map((type) => `${type}, of ${one.name}`),
    );
    expect(missing).toEqual([]);
  });

  it('name no package that is optional: strict TypeScript would miss it', () => {
    const seen = new Set(['node.ts']);
    for (const file of seen)
      for (const [, path] of textOf(file).matchAll(/^(?:import|export) [^;]*? from '(\.[^']*)\.js';/gm))
        seen.add(`${join(dirname(file), path!)}.ts`);
    expect(seen.size).toBeGreaterThan(300);
    const optional = /^import [^;]*? from '(bullmq|ioredis)';/m;
    expect([...seen].filter((file) => optional.test(textOf(file)))).toEqual([]);
  });
});
