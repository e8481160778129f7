import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { locateField, parseFieldPath, setField } from '../../src/sweep/field-path.js';
import { copyPlain, type PlainRecord } from '../../src/sweep/plain.js';

const DOCUMENT = {
  durationS: 60,
  servers: [
    { name: 't4', models: [{ name: 'cats', config: { max_batch_size: 8 } }] },
    { name: 'a.b', models: [{ name: 'cats' }, { name: 'dogs' }] },
  ],
};

function set(text: string, value: number): unknown {
  const document = copyPlain(DOCUMENT) as PlainRecord;
  for (const path of locateField(document, parseFieldPath(text))) setField(document, path, value);
  return JSON.parse(JSON.stringify(document));
}

describe('the path of a field', () => {
  it('leads through names, indices and every entry', () => {
    expect(set('servers.t4.models.cats.config.max_batch_size', 4)).toMatchObject({
      servers: [{ models: [{ config: { max_batch_size: 4 } }] }, {}],
    });
    expect(set('servers.1.models.0.config.max_batch_size', 4)).toMatchObject({
      servers: [
        { models: [{ config: { max_batch_size: 8 } }] },
        { models: [{ config: { max_batch_size: 4 } }, {}] },
      ],
    });
    expect(set('servers."a.b".models.*.memoryMb', 4)).toMatchObject({
      servers: [{}, { models: [{ memoryMb: 4 }, { memoryMb: 4 }] }],
    });
    expect(set('warmUpS', 5)).toMatchObject({ durationS: 60, warmUpS: 5 });
  });

  it.each([
    ['servers.t5.models', 'has no entry "t5"'],
    ['servers.t4.models.dogs.config', 'has no entry "dogs"'],
    ['servers.2.models', 'has no entry "2"'],
    ['servers.7.models', 'has no entry "7"'],
    ['durationS.seconds', 'is a single value'],
    ['', 'is no path'],
    ['servers..models', 'is no path'],
    ['servers.', 'is no path'],
  ])('%s is refused: %s', (text, message) => {
    expect(() => set(text, 1)).toThrow(InputError);
    expect(() => set(text, 1)).toThrow(message);
  });

  it('never reaches the prototype of records', () => {
    set('servers.t4.__proto__.polluted', 1);
    set('constructor.prototype.polluted', 1);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
