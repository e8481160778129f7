import { createHash } from 'node:crypto';
import type { LiveModelConfig, ServerFacts } from '../live/inference-client.js';
import { canonicalJson } from '../report/canonical-json.js';

/** What a calibration was measured on: points of another server or other configurations are not mixed in. */
export interface Fingerprint {
  readonly server: string;
  readonly serverVersion: string;
  /** The machine that measured: processor and cores. Its load generator is part of what was measured. */
  readonly client: string;
  /** Hash of each model's configuration in force. */
  readonly models: Readonly<Record<string, string>>;
}

export function fingerprintOf(
  facts: ServerFacts,
  client: string,
  configs: readonly LiveModelConfig[],
): Fingerprint {
  const hashes = configs.map(({ config, version, json }) => {
    const hash = createHash('sha256').update(canonicalJson({ version, json })).digest('hex').slice(0, 16);
    return [config.name, hash] as const;
  });
  return {
    server: facts.name,
    serverVersion: facts.version,
    client,
    models: Object.fromEntries(hashes.sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** What keeps points measured under `before` from being used now, one sentence each; new models are no obstacle. */
export function differences(before: Fingerprint, now: Fingerprint): string[] {
  const facts = (['server', 'serverVersion', 'client'] as const).flatMap((key) =>
    before[key] === now[key] ? [] : [`${key} was ${before[key]} and is ${now[key]}`],
  );
  const models = Object.entries(now.models).flatMap(([model, hash]) => {
    const known = before.models[model];
    return known === undefined || known === hash ? [] : [`the configuration of ${model} has changed`];
  });
  return [...facts, ...models];
}
