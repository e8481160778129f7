/** A `${NAME}` or `$NAME` in a text, which a deployment fills in. */
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

/** As Python's `string.Template`, with which NVIDIA's tools fill such files, and `envsubst` take names; `$$` is a sign of Triton's own. */
const PLACEHOLDER = /\$\{([A-Za-z_]\w*)\}|(?<!\$)\$([A-Za-z_]\w*)/g;

/**
 * Fills the placeholders of a text whose comments begin with `#`; what a comment holds stays, and so does a `$NAME` within quotes that
 * has no value.
 */
export function fillTemplate(text: string, values: ReadonlyMap<string, string>): FilledTemplate {
  const names = new Set<string>();
  const missing: Placeholder[] = [];
  const lines = text.split('\n').map((line, i) => {
    if (!line.includes('$')) return line;
    const { end, isWithin } = quotesIn(line);
    let grown = 0;
    const filled = line.slice(0, end).replace(PLACEHOLDER, (written, braced, plain, offset: number) => {
      const name: string = braced ?? plain;
      const value = values.get(name);
      if (value === undefined && plain !== undefined && isWithin[offset] === true) return written;
      names.add(name);
      if (value === undefined) missing.push({ name, line: i + 1, column: offset + grown + 1 });
      const text = value ?? (isWithin[offset] === true ? written : STAND_IN_VALUE);
      grown += text.length - written.length;
      return text;
    });
    return filled + line.slice(end);
  });
  return { text: lines.join('\n'), names, missing };
}

interface Quotes {
  /** Where the comment of the line begins, or the line ends. */
  readonly end: number;
  /** Of each place before that, whether it lies within a text in quotes. */
  readonly isWithin: readonly boolean[];
}

function quotesIn(line: string): Quotes {
  const isWithin: boolean[] = [];
  let quote: string | undefined;
  let isEscaped = false;
  for (const [at, character] of line.split('').entries()) {
    if (quote === undefined && character === '#') return { end: at, isWithin };
    isWithin.push(quote !== undefined);
    if (isEscaped) isEscaped = false;
    else if (quote === undefined) quote = character === '"' || character === "'" ? character : undefined;
    else if (character === quote) quote = undefined;
    else isEscaped = character === '\\';
  }
  return { end: line.length, isWithin };
}
