/** A `${NAME}` in a text, which a deployment fills in. */
export interface Placeholder {
  readonly name: string;
  readonly line: number;
  /** Where it stands in the text that was filled, from 1 on. */
  readonly column: number;
}

export interface FilledTemplate {
  readonly text: string;
  /** Names that occur in it. */
  readonly names: ReadonlySet<string>;
  /** Placeholders without a value, each time that they occur. The text has {@link STAND_IN_VALUE} there; within quotes they stay. */
  readonly missing: readonly Placeholder[];
}

/** Reads as a number and as false: what is around it can be looked at. */
const STAND_IN_VALUE = '0';

/** As Python's `string.Template`, with which NVIDIA's tools fill such files, takes a name in braces. */
const PLACEHOLDER = /\$\{([A-Za-z_]\w*)\}/g;

/** Fills the placeholders of a text whose comments begin with `#`; what a comment holds stays. */
export function fillTemplate(text: string, values: ReadonlyMap<string, string>): FilledTemplate {
  const names = new Set<string>();
  const missing: Placeholder[] = [];
  const lines = text.split('\n').map((line, i) => {
    if (!line.includes('${')) return line;
    const end = commentStart(line);
    let grown = 0;
    const filled = line.slice(0, end).replace(PLACEHOLDER, (written, name: string, offset: number) => {
      const value = values.get(name);
      names.add(name);
      if (value === undefined) missing.push({ name, line: i + 1, column: offset + grown + 1 });
      const isText = quoteAt(line, offset) !== undefined;
      const text = value ?? (isText ? written : STAND_IN_VALUE);
      grown += text.length - written.length;
      return text;
    });
    return filled + line.slice(end);
  });
  return { text: lines.join('\n'), names, missing };
}

/** Where the comment of a line begins, or the line ends. */
function commentStart(line: string): number {
  let at = line.indexOf('#');
  while (at >= 0 && quoteAt(line, at) !== undefined) at = line.indexOf('#', at + 1);
  return at < 0 ? line.length : at;
}

/** The quote of the text within which a place of a line lies. */
function quoteAt(line: string, end: number): string | undefined {
  let quote: string | undefined;
  for (let i = 0; i < end; i++) {
    const character = line[i]!;
    if (quote !== undefined) {
      if (character === '\\') i++;
      else if (character === quote) quote = undefined;
    } else if (character === '"' || character === "'") quote = character;
  }
  return quote;
}
