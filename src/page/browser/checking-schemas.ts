import type { Plugin } from 'vite';

/**
 * On the page schemas only check. Leaves out what the fields of files mean (`.describe('…')`) and how zod would write
 * schemas as JSON Schema: 5 kB compressed each.
 */
export function checkingSchemas(): Plugin {
  return {
    name: 'checking-schemas',
    enforce: 'post',
    transform(code, id) {
      if (id.endsWith('/zod/v4/classic/schemas.js')) return withoutJsonSchema(code);
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

/** What zod's schemas call to write themselves as JSON Schema. */
function withoutJsonSchema(code: string): string {
  return code
    .replace(/^.*_zod\.processJSONSchema = .*$/gm, '')
    .replace(/createStandardJSONSchemaMethod\(this, "\w+"\)/g, 'undefined')
    .replace('createToJSONSchemaMethod(this, {})(params)', 'undefined');
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
