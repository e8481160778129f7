import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildSchemas } from '../../scripts/build-schemas.js';

describe('a published JSON Schema', () => {
  it.each([...buildSchemas()])(
    'is what the code says (else run scripts/build-schemas.ts): %s',
    (file, text) => {
      expect(readFileSync(file, 'utf8')).toBe(text);
    },
  );

  it.each([...buildSchemas()])(
    'asks for no classes of characters that only JavaScript knows: %s',
    (_, text) => {
      expect(text).not.toMatch(/"pattern": ".*\\p\{/);
    },
  );

  it('says which of several fields is written alone, and which only beside another', () => {
    const schemaOf = (name: string) => JSON.parse(buildSchemas().get(`schemas/${name}.schema.json`)!);
    const scenario = schemaOf('scenario').properties;
    const oneOf = (...fields: string[]) => ({ oneOf: fields.map((field) => ({ required: [field] })) });
    const loads = oneOf('process', 'trace', 'closedLoop');
    const withCap = { latencyFrom: ['maxInFlight'], pacing: ['maxInFlight'] };
    for (const { tenants } of [scenario, schemaOf('plan').properties])
      expect(tenants.items.properties.load).toMatchObject({ ...loads, dependentRequired: withCap });
    const server = scenario.servers.items.properties;
    expect(server.machine.not).toEqual({ required: ['usdPerHour', 'price'] });
    expect(server.devices.items.not).toEqual({ required: ['mig', 'sharing'] });
    expect(schemaOf('sweep').properties.axes.items.allOf).toEqual([
      oneOf('values', 'range', 'choices'),
      oneOf('vary', 'choices'),
    ]);
    const { expect: expectations } = schemaOf('expectations').properties.cases.items.properties;
    expect(expectations.items).toMatchObject(oneOf('metric', 'slo', 'stability'));
  });

  it.each([...buildSchemas()])('describes every field that people write or read: %s', (_, text) => {
    expect([...undescribed(JSON.parse(text), '')]).toEqual([]);
  });
});

interface Schema {
  readonly description?: string;
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly [other: string]: unknown;
}

/** Paths of the fields without a word on them; those of Triton's own configuration are described by Triton. */
function* undescribed(schema: Schema, path: string): Generator<string> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const isTag = field.const !== undefined;
    if (field.description === undefined && !isTag) yield `${path}.${name}`;
    if (name !== 'config') yield* undescribed(field, `${path}.${name}`);
  }
  for (const [key, part] of Object.entries(schema)) {
    if (key === 'properties' || typeof part !== 'object' || part === null) continue;
    for (const each of Array.isArray(part) ? part : [part])
      if (typeof each === 'object' && each !== null) yield* undescribed(each as Schema, path);
  }
}
