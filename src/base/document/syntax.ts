import type { YAMLError } from 'yaml';
import { Composer, type CST, type Document, Lexer, LineCounter, Parser } from 'yaml';
import { plural } from '../plural.js';
import type { ProblemList } from '../problem.js';

/** A larger text is refused unread: nobody writes a profile or a scenario of a million characters. */
export const MAX_CHARACTERS = 1_000_000;

/** Deeper nesting is refused: it would overflow the stack of the yaml package's composer. */
export const MAX_DEPTH = 64;

/** Of each mistake the yaml package keeps an error with its stack, which takes seconds for 100,000: those after these are counted. */
const MOST_ERRORS = 1000;

/** The node tree of one YAML or JSON text, and where its characters are. */
export interface Syntax {
  readonly contents: Document['contents'];
  readonly positionAt: (offset: number) => { readonly line: number; readonly column: number };
  /** Mistakes beyond those that are among the problems. */
  readonly untold: number;
}

/** Parses `text` as one YAML 1.2 document (JSON is one); undefined where it is too large to try. */
export function parseSyntax(text: string, problems: ProblemList): Syntax | undefined {
  if (text.length > MAX_CHARACTERS) {
    problems.add({
      what: `the text has ${text.length} characters, more than the ${MAX_CHARACTERS} that are read`,
      remedy: 'split it into several files',
    });
    return undefined;
  }
  const lineCounter = new LineCounter();
  lineCounter.addNewLine(0);
  const positionAt = (offset: number) => {
    const { line, col } = lineCounter.linePos(Math.max(0, offset));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const composed = compose(text, lineCounter, (offset) => {
    problems.add({ ...positionAt(offset), what: `nested more than ${MAX_DEPTH} deep`, remedy: 'nest less' });
  });
  const first = composed?.documents[0];
  if (first === undefined) return undefined;
  addErrors(composed!.documents, positionAt, problems);
  return { contents: first.contents, positionAt, untold: composed!.untold };
}

interface Composed {
  readonly documents: readonly Document.Parsed[];
  /** Mistakes of which the documents have no error. */
  readonly untold: number;
}

/**
 * All documents of the text. The nesting is watched while the tokens are read, because the parser
 * keeps its own stack but the composer after it recurses.
 */
function compose(
  text: string,
  lineCounter: LineCounter,
  onTooDeep: (offset: number) => void,
): Composed | undefined {
  const parser = new Parser(lineCounter.addNewLine);
  const tokens: CST.Token[] = [];
  let mistakes = 0;
  const keep = (token: CST.Token) => {
    if (token.type !== 'error' || ++mistakes <= MOST_ERRORS) tokens.push(token);
  };
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) keep(token);
    if (parser.stack.length > MAX_DEPTH + 2) {
      onTooDeep(parser.offset);
      return undefined;
    }
  }
  for (const token of parser.end()) keep(token);
  // Duplicate keys are found by the reader of the tree, in linear time.
  const composer = new Composer({ uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
  const keepError = composer['onError'];
  composer['onError'] = (...error: Parameters<typeof keepError>) => {
    if (++mistakes <= MOST_ERRORS) keepError(...error);
  };
  const documents: Document.Parsed[] = [];
  for (const document of composer.compose(tokens, true, text.length)) {
    documents.push(document as Document.Parsed);
    // More than one document is a mistake, whatever is in the others.
    if (documents.length === 2) break;
  }
  return { documents, untold: Math.max(0, mistakes - MOST_ERRORS) };
}

function addErrors(
  documents: Composed['documents'],
  positionAt: Syntax['positionAt'],
  problems: ProblemList,
): void {
  const errors = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]);
  const told = new Set<number>();
  const tabs = errors.filter(({ code }) => code === 'TAB_AS_INDENT');
  for (const [i, error] of errors.entries()) {
    const place = positionAt(error.pos[0]);
    // After a mistake in brackets the parser stumbles over what is left of the line, and of the brackets.
    if (told.has(place.line) || (i > 0 && error.message.includes(' token in YAML stream'))) continue;
    told.add(place.line);
    // Who indents with tabs does so throughout; what the parser makes of such lines says nothing more.
    if (tabs.includes(error)) {
      const lines = new Set(tabs.map(({ pos }) => positionAt(pos[0]).line)).size - 1;
      const more = lines > 0 ? `, here and in ${lines} more ${plural(lines, 'line')}` : '';
      problems.add({ ...place, what: `${sentence(error)}${more}`, remedy: 'indent with blanks' });
      break;
    }
    const remedy = remedyFor(error);
    problems.add({ ...place, what: sentence(error), ...(remedy !== undefined && { remedy }) });
  }
  const second = documents[1];
  if (second !== undefined) {
    problems.add({
      ...positionAt(second.range[0]),
      what: 'a second document begins here',
      remedy: 'write one document per file',
    });
  }
}

function remedyFor({ code, message }: YAMLError): string | undefined {
  if (code === 'BAD_INDENT' && !message.startsWith('Flow '))
    return 'indent the fields that belong together alike';
  if (code === 'MULTILINE_IMPLICIT_KEY') return 'write a blank after the colon of each name';
  if (message.endsWith(' at node end')) return 'put quotes around a text that holds one of [ ] { } ,';
  return undefined;
}

function sentence(error: YAMLError): string {
  const message = `${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`;
  const shown = message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE)}...`;
  return `not valid YAML or JSON: ${shown}`;
}

/** The yaml package repeats the token that it does not expect, however long that is. */
const LONGEST_MESSAGE = 300;
