import { Metadata } from '@grpc/grpc-js';
import { groupBy } from '../../base/group-by.js';
import { InputError } from '../../base/problem.js';

export type HeaderValues = Readonly<Record<string, string | readonly string[]>>;

/** A header as often as it has values. */
export function singly(metadata: HeaderValues): readonly (readonly [name: string, value: string])[] {
  return Object.entries(metadata).flatMap(([name, values]) =>
    [values].flat().map((value) => [name, value] as const),
  );
}

/** Headers by name in lower case, the values of one name together, as Node's HTTP takes them. */
export function byName(
  entries: readonly (readonly [name: string, value: string])[],
): Record<string, string[]> {
  const byKey = groupBy(entries, ([name]) => name.toLowerCase());
  return Object.fromEntries(Array.from(byKey, ([key, own]) => [key, own.map(([, value]) => value)]));
}

/**
 * gRPC headers.
 * @throws InputError where a name or a value cannot be sent; it never shows a value
 */
export function grpcHeaders(entries: readonly (readonly [name: string, value: string])[]): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of entries) {
    try {
      metadata.add(name, value);
    } catch {
      throw InputError.of(
        `the header "${name}" cannot be sent`,
        'use letters, digits, - _ . in its name, which may not end with -bin, and printable ASCII in its value',
      );
    }
  }
  // Sent twice, each call would fail.
  if (metadata.get('authorization').length > 1)
    throw InputError.of('the header "authorization" has several values', 'keep one: gRPC takes no more');
  return metadata;
}
