import type { Descriptor } from './descriptor.js';

/**
 * Fields that are written but change nothing here, as dotted names without indices
 * (`optimization`, `instance_group.profile`), each once, in the order of the descriptor.
 */
export function ignoredFields(descriptor: Descriptor, value: unknown, path = ''): string[] {
  if (value === undefined) return [];
  switch (descriptor.type) {
    case 'ignored':
      return [path];
    case 'repeated':
      return unique((value as unknown[]).flatMap((item) => ignoredFields(descriptor.of, item, path)));
    case 'message':
      return Object.entries(descriptor.fields).flatMap(([name, field]) =>
        ignoredFields(
          field,
          (value as Record<string, unknown>)[name],
          path === '' ? name : `${path}.${name}`,
        ),
      );
    default:
      return [];
  }
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
