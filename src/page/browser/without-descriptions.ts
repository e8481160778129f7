import type { Plugin } from 'vite';

/** Leaves out what the fields of files mean (`.describe('…')`): 5 kB compressed that the page never shows. */
export function withoutDescriptions(): Plugin {
  return {
    name: 'without-descriptions',
    enforce: 'post',
    transform(code, id) {
      if (!/\/src\/.*\.ts$/.test(id) || !code.includes('.describe(')) return;
      const cuts: (readonly [from: number, to: number])[] = [];
      visit(this.parse(code), ({ type, callee, arguments: given = [], end }) => {
        const isCall = type === 'CallExpression' && callee?.property?.name === 'describe';
        // Of the methods of this name only zod's takes a text.
        if (isCall && given.length === 1 && TEXTS.has(given[0]!.type!)) cuts.push([callee.object!.end, end]);
      });
      return cuts
        .sort(([a], [b]) => b - a)
        .reduce((text, [from, to]) => text.slice(0, from) + text.slice(to), code);
    },
  };
}

const TEXTS = new Set(['Literal', 'TemplateLiteral']);

interface Node {
  readonly type?: string;
  readonly arguments?: readonly Node[];
  readonly end: number;
  readonly callee?: { readonly object?: Node; readonly property?: { readonly name?: string } };
}

function visit(value: unknown, look: (node: Node) => void): void {
  if (typeof value !== 'object' || value === null) return;
  look(value as Node);
  for (const part of Object.values(value)) visit(part, look);
}
