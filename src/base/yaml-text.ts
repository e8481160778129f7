import { stringify } from 'yaml';

/**
 * A value as YAML that every reader takes as it is meant: kubectl and PyYAML follow YAML 1.1, to which `off`, `no` and
 * `12:30` are no texts unless they are quoted.
 *
 * @param lineWidth where texts and lists may break; 0 = nowhere
 */
export function yamlText(value: unknown, lineWidth = 0): string {
  return stringify(value, { lineWidth, aliasDuplicateObjects: false, compat: 'yaml-1.1' });
}

/** YAML with a comment of one line at its head, where there is one. */
export function withComment(comment: string | undefined, yaml: string): string {
  return comment === undefined ? yaml : `# ${comment}\n${yaml}`;
}
