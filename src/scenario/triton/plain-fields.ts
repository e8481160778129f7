import { MODEL_CONFIG, type ModelConfigFields } from './fields.js';

/** The written fields of a configuration as plain data for YAML or JSON: those that have an effect here, or all. */
export function plainFields(fields: ModelConfigFields, all = false): Record<string, unknown> {
  const kept = Object.entries(fields).filter(([name]) => all || !isIgnored(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, plain(value)]));
}

/** Whether a field of a configuration is checked and has no effect here. */
export function isIgnored(name: string): boolean {
  const field = Object.hasOwn(MODEL_CONFIG.fields, name)
    ? MODEL_CONFIG.fields[name as keyof typeof MODEL_CONFIG.fields]
    : undefined;
  return field?.type === 'ignored';
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.map(([key, part]) => [String(key), plain(part)]));
}
