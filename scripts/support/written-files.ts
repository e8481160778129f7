import { stringify } from 'yaml';

/** The head of a file that a reproduction writes: what it plays, a line each, and the command that wrote it. */
export function writtenHead(reproduction: string, about: readonly string[]): string {
  const lines = [...about, `Written by npm run reproduce:${reproduction}.`];
  return lines.map((line) => `# ${line}\n`).join('');
}

/** A scenario file that a reproduction writes. */
export function writtenScenario(reproduction: string, about: readonly string[], scenario: object): string {
  return `${writtenHead(reproduction, about)}${stringify(scenario)}`;
}

/** An axis of a sweep file, with the fields of each of its choices on a line. */
export function choiceAxis(name: string, choices: readonly (readonly [string, object])[]): string {
  const lines = choices.map(([choice, fields]) => `      "${choice}": ${JSON.stringify(fields)}\n`);
  return `  - name: ${name}\n    choices:\n${lines.join('')}`;
}
