import type { Warning } from '../../base/warning.js';
import type { Table, Tone } from '../tables/table.js';
import { styleOf, type TextOptions } from './style.js';
import { textTable } from './text-table.js';
import { adviceBlock, warningsBlock } from './warnings-block.js';
import { USUAL_WIDTH, wrap } from './width.js';

/** A table, or sentences under a heading where they need one. */
export type TextPart = Table | Sentences;

export interface Sentences {
  readonly heading?: string;
  readonly sentences: readonly string[];
  /** What stands before the second and each further line of a sentence. */
  readonly indent?: string;
}

/** What a command says, in the order in which it is read; a part without a row or a sentence is left out. */
export interface AnswerText {
  /** What was run. */
  readonly heading?: string;
  /** The verdict. */
  readonly answer: readonly string[];
  readonly tone?: Tone;
  /** The one table, mostly without a title: the answer says what it is about. */
  readonly table?: Table;
  /** Sentences right below it. */
  readonly below?: readonly string[];
  /** What was asked for besides. */
  readonly asked?: readonly TextPart[];
  /** What only the long form has. */
  readonly details?: readonly TextPart[];
  /** What past validations say, for example. */
  readonly closing?: readonly TextPart[];
  /** The short form says what to do about them, the long one has each. */
  readonly warnings?: readonly Pick<Warning, 'code' | 'subject' | 'message'>[];
  /** Last in the long form. */
  readonly sources?: readonly string[];
  /** Last in the short form: what to do next, and what the long one adds. */
  readonly next?: readonly string[];
}

export interface AnswerTextOptions extends TextOptions {
  /** The long form; else the answer, its table and what to do next. Default true. */
  readonly verbose?: boolean;
  /** Where the long form's list of warnings goes on, with the verb. */
  readonly allIn?: string;
  /** Which option shows warnings in full where the short form only names them. */
  readonly shownBy?: string;
}

/**
 * The text of a command for a terminal: the verdict first, one table, then what to do next. No line is wider than `width`.
 * In Markdown all but the answer and its table can be folded. Ends with a newline.
 */
export function answerToText(text: AnswerText, options: AnswerTextOptions = {}): string {
  const { width = USUAL_WIDTH, markdown = false, verbose = true, allIn, shownBy } = options;
  const style = styleOf(options);
  const lines = (sentences: readonly string[], indent = '') =>
    sentences.flatMap((sentence) => wrap(sentence, width, indent));
  const block = (part: TextPart): readonly string[] => {
    if ('rows' in part) return part.rows.length === 0 ? [] : textTable(part, width, style);
    if (part.sentences.length === 0) return [];
    const heading =
      part.heading === undefined ? [] : [style(part.heading, 'heading'), ...(markdown ? [''] : [])];
    return [...heading, ...lines(part.sentences, part.indent)];
  };
  const { heading = '', answer, tone = 'plain', table, below = [], warnings = [] } = text;
  const head = [
    heading === '' ? [] : lines([heading], '  ').map((line) => style(line, 'heading')),
    lines(answer).map((line) => (tone === 'plain' ? line : style(line, tone))),
  ];
  const tableLines = table === undefined ? [] : block(table);
  const answered = markdown
    ? [...head, tableLines, lines(below)]
    : [...head, [...tableLines, ...lines(below)]];
  const isLong = verbose || markdown;
  const rest = [
    ...(text.asked ?? []).map(block),
    ...(isLong ? (text.details ?? []).map(block) : []),
    ...(text.closing ?? []).map(block),
    ...(isLong
      ? [warningsBlock(warnings, width, { style, allIn }), lines(text.sources ?? [], '  ')]
      : [[...adviceBlock(warnings, width, { style, allIn: shownBy }), ...lines(text.next ?? [])]]),
  ].filter((part) => part.length > 0);
  const folded =
    markdown && rest.length > 0 ? [['<details><summary>Details</summary>'], ...rest, ['</details>']] : rest;
  return [...answered, ...folded]
    .filter((part) => part.length > 0)
    .map((part) => `${part.join('\n')}\n`)
    .join('\n');
}
