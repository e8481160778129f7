import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Path } from '../path.js';
import { formatPath } from '../path.js';
import type { ProblemList } from '../problem.js';
import { MAX_DEPTH, type Syntax } from './syntax.js';

/** Values read from one document, aliases counted each time they are used; more is an alias bomb. */
const MAX_VALUES = 1_000_000;

/** A key or value in the text: where it begins. Collections have their parts by key or index. */
export interface Located {
  readonly value: unknown;
  readonly offset: number;
  readonly keyOffsets?: ReadonlyMap<string, number>;
  readonly parts?: ReadonlyMap<string | number, Located>;
}

/**
 * The plain value of a node tree with the place of every part. Aliases are followed; duplicate keys,
 * keys that are not text, unknown aliases and values without end are problems. Undefined when the
 * document is too large to read on.
 */
export function readPlainValue(syntax: Syntax, problems: ProblemList): Located | undefined {
  const reader = new PlainValueReader(syntax, problems);
  const located = reader.read(syntax.contents as Node | null, 0, []);
  return reader.exhausted ? undefined : located;
}

class PlainValueReader {
  exhausted = false;
  readonly #syntax: Syntax;
  readonly #problems: ProblemList;
  readonly #anchors = new Map<string, Node>();
  #valuesLeft = MAX_VALUES;
  #depth = 0;
  #aliasesOpen = 0;

  constructor(syntax: Syntax, problems: ProblemList) {
    this.#syntax = syntax;
    this.#problems = problems;
  }

  read(node: Node | null | undefined, offset: number, path: Path): Located {
    const start = node?.range?.[0] ?? offset;
    const nothing: Located = { value: null, offset: start };
    if (this.exhausted || node == null) return nothing;
    if (this.#valuesLeft-- <= 0 || this.#depth >= MAX_DEPTH) return this.#giveUp(start, path);
    this.#depth++;
    const located = this.#readNode(node, start, path);
    this.#depth--;
    return located;
  }

  #readNode(node: Node, start: number, path: Path): Located {
    if (isAlias(node)) return this.#readAlias(node.source, start, path);
    if (this.#aliasesOpen === 0 && node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return { value: node.value, offset: start };
    if (isSeq(node)) return this.#readSequence(node.items as (Node | null)[], start, path);
    if (isMap(node)) return this.#readMap(node as YAMLMap<Node | null, Node | null>, start, path);
    return { value: null, offset: start };
  }

  #readAlias(name: string, start: number, path: Path): Located {
    const target = this.#anchors.get(name);
    if (target === undefined) {
      this.#add(start, path, `nothing before this is marked \`&${name}\``, 'write the value itself');
      return { value: null, offset: start };
    }
    this.#aliasesOpen++;
    const located = this.read(target, start, path);
    this.#aliasesOpen--;
    return { ...located, offset: start };
  }

  #readSequence(items: readonly (Node | null)[], start: number, path: Path): Located {
    const parts = new Map<number, Located>();
    for (let i = 0; i < items.length && !this.exhausted; i++) {
      parts.set(i, this.read(items[i], start, [...path, i]));
    }
    return { value: [...parts.values()].map((part) => part.value), offset: start, parts };
  }

  #readMap(map: YAMLMap<Node | null, Node | null>, start: number, path: Path): Located {
    const parts = new Map<string, Located>();
    const keyOffsets = new Map<string, number>();
    for (const pair of map.items) {
      if (this.exhausted) break;
      const key = this.#readKey(pair, start, path);
      if (key === undefined) continue;
      if (parts.has(key.name)) {
        this.#add(
          key.offset,
          [...path, key.name],
          `the key \`${key.name}\` is written twice`,
          'remove one of them',
        );
        continue;
      }
      keyOffsets.set(key.name, key.offset);
      parts.set(key.name, this.read(pair.value, key.offset, [...path, key.name]));
    }
    // fromEntries makes own properties even of names like `__proto__`.
    const value = Object.fromEntries([...parts].map(([name, part]) => [name, part.value]));
    return { value, offset: start, keyOffsets, parts };
  }

  #readKey(pair: Pair<Node | null, Node | null>, start: number, path: Path) {
    const offset = pair.key?.range?.[0] ?? start;
    if (isScalar(pair.key) && pair.key.value !== null) {
      return { name: typeof pair.key.value === 'string' ? pair.key.value : sourceOf(pair.key), offset };
    }
    this.#add(offset, path, 'a key that is not a plain word', 'write a name before the colon');
    return undefined;
  }

  #giveUp(start: number, path: Path): Located {
    this.exhausted = true;
    const what =
      this.#depth >= MAX_DEPTH
        ? `nested more than ${MAX_DEPTH} deep`
        : `more than ${MAX_VALUES} values when aliases are filled in`;
    this.#add(start, path, what, 'write the values out, without aliases inside aliases');
    return { value: null, offset: start };
  }

  #add(offset: number, path: Path, what: string, remedy: string): void {
    const place = this.#syntax.positionAt(offset);
    this.#problems.add({ ...place, ...(path.length > 0 && { path: formatPath(path) }), what, remedy });
  }
}

/** A number, true or false as a key is taken as it is written. */
function sourceOf(key: { readonly source?: string; readonly value: unknown }): string {
  return key.source ?? String(key.value);
}
