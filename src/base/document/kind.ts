import { isObject } from '../json.js';

/** Files that perseus reads or writes, by what they are called. */
export type DocumentKind =
  | 'scenario'
  | 'sweep'
  | 'plan'
  | 'expectations'
  | 'profile'
  | 'server profile'
  | 'prices'
  | 'report';

interface KindFacts {
  readonly is: string;
  readonly key: string;
  /** What can be done with it. */
  readonly use: string;
}

const KINDS: Readonly<Record<DocumentKind, KindFacts>> = {
  scenario: { is: 'a scenario', key: 'perseus', use: 'give this file to perseus simulate' },
  sweep: { is: 'a sweep', key: 'perseus', use: 'give this file to perseus sweep' },
  plan: { is: 'a plan', key: 'plan', use: 'give this file to perseus plan' },
  expectations: {
    is: 'a file of expectations',
    key: 'perseus-expectations',
    use: 'give this file to perseus check',
  },
  profile: { is: 'a profile', key: 'format', use: 'give this file to perseus profile show' },
  'server profile': {
    is: 'a server profile',
    key: 'format',
    use: 'put it as server.json beside the profiles of its models',
  },
  prices: { is: 'a price book', key: 'format', use: 'name this file as prices of a scenario' },
  report: { is: 'a report of perseus', key: 'format', use: 'give this file to perseus diff' },
};

const FORMATS: Readonly<Record<string, DocumentKind>> = {
  'perseus-profile': 'profile',
  'perseus-server': 'server profile',
  'perseus-prices': 'prices',
  'perseus-report': 'report',
};

/** A document of another kind than what is read here: one mistake, whatever its fields. */
export interface OtherKind {
  /** The field that tells. */
  readonly key: string;
  readonly what: string;
  readonly remedy: string;
}

/** A kind of document in words, such as `a scenario`. */
export function describeKind(kind: DocumentKind): string {
  return KINDS[kind].is;
}

/** What to say where `value` is clearly of another kind than `expected`; undefined where it is not. */
export function otherKind(value: unknown, expected: DocumentKind): OtherKind | undefined {
  const kind = kindOf(value);
  if (kind === undefined || kind === expected) return undefined;
  const { is, key, use } = KINDS[kind];
  const wanted = KINDS[expected].is;
  return { key, what: `this is ${is}, not ${wanted}`, remedy: `name ${wanted} here, or ${use}` };
}

/** By the field that names its format, and for scenarios and sweeps, which share theirs, by what else they have. */
export function kindOf(value: unknown): DocumentKind | undefined {
  if (!isObject(value)) return undefined;
  const has = (key: string) => Object.hasOwn(value, key);
  const named = ['perseus', 'plan', 'perseus-expectations', 'format'].filter(has);
  if (named.length !== 1) return undefined;
  switch (named[0]) {
    case 'plan':
      return 'plan';
    case 'perseus-expectations':
      return 'expectations';
    case 'format':
      return FORMATS[String(value['format']).split('/')[0]!];
    default: {
      const isSweep = has('axes') || has('scenario');
      const isScenario = has('servers') || has('tenants');
      return isSweep === isScenario ? undefined : isSweep ? 'sweep' : 'scenario';
    }
  }
}
