import { canonicalJson } from '../../../base/canonical-json.js';
import { type ImportOptions, importers } from '../../../trace/importers.js';

type FlagOf = (option: keyof ImportOptions) => string;

export function importersToText(flagOf: FlagOf): string {
  return Object.entries(importers)
    .map(([name, { description, format, options }]) => {
      const flags = options.length === 0 ? 'none' : options.map(flagOf).join(' ');
      return `${name}: ${description}\n  format:  ${format}\n  options: ${flags}\n`;
    })
    .join('');
}

export function importersToJson(flagOf: FlagOf): string {
  const sources = Object.entries(importers).map(([name, { description, format, options }]) => ({
    name,
    description,
    file: format,
    options: options.map(flagOf),
  }));
  return canonicalJson({ format: 'perseus-importers/1', importers: sources }, ['format', 'name']);
}
