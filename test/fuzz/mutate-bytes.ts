import { between, chance, pick, pickWeighted, type Random, type Weighted, words } from './choose.js';

/** Random bytes, as many as asked for. */
export function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.nextInt(256));
}

/** A valid file after some mistakes; now and then an untouched one, or no such file at all. */
export function mistakenBytes(random: Random, sample: () => Uint8Array): Uint8Array {
  return pickWeighted(random, [
    [88, () => mutateBytes(random, sample())],
    [5, () => randomBytes(random, random.nextInt(300))],
    [7, sample],
  ])();
}

/** The bytes with one to eight changes, most of them small, so that the file is still read far into. */
function mutateBytes(random: Random, bytes: Uint8Array): Uint8Array {
  let changed: Uint8Array = bytes.slice();
  for (let left = between(random, 1, 8); left > 0 && changed.length > 0; left--) {
    changed = pickWeighted(random, BYTE_CHANGES)(changed, random);
    if (chance(random, 0.4)) break;
  }
  return changed;
}

type ByteChange = (bytes: Uint8Array, random: Random) => Uint8Array;

const BYTE_CHANGES: readonly Weighted<ByteChange>[] = [
  [6, (bytes, random) => overwrite(bytes, random, randomBytes(random, 1))],
  [6, flipBit],
  [5, (bytes, random) => overwrite(bytes, random, pick(random, EDGES))],
  [2, (bytes, random) => bytes.slice(0, random.nextInt(bytes.length + 1))],
  [1, (bytes, random) => bytes.slice(random.nextInt(bytes.length + 1))],
  [2, (bytes, random) => splice(bytes, random, between(random, 1, 16), new Uint8Array(0))],
  [2, (bytes, random) => splice(bytes, random, 0, randomBytes(random, between(random, 1, 16)))],
  [2, duplicateRange],
  [2, copyRange],
];

/** Integers of one, two, four and eight bytes at their edges, the lowest byte first. */
const EDGES: readonly Uint8Array[] = [
  ...words('00 7f 80 ff ff7f 00000000 01000000 00000080 ffffff7f ffffffff 00000040'),
  ...words('ffffffffffffff7f ffffffffffffffff 000000000000f87f ffffffff0f'),
].map((hex) => Buffer.from(hex, 'hex'));

function flipBit(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.nextInt(bytes.length);
  bytes[at]! ^= 1 << random.nextInt(8);
  return bytes;
}

function overwrite(bytes: Uint8Array, random: Random, values: Uint8Array): Uint8Array {
  const at = random.nextInt(bytes.length);
  bytes.set(values.subarray(0, bytes.length - at), at);
  return bytes;
}

function splice(bytes: Uint8Array, random: Random, remove: number, put: Uint8Array): Uint8Array {
  const at = random.nextInt(bytes.length);
  const rest = bytes.subarray(at + remove);
  const result = new Uint8Array(at + put.length + rest.length);
  result.set(bytes.subarray(0, at));
  result.set(put, at);
  result.set(rest, at + put.length);
  return result;
}

function duplicateRange(bytes: Uint8Array, random: Random): Uint8Array {
  const from = random.nextInt(bytes.length);
  return splice(bytes, random, 0, bytes.slice(from, from + between(random, 1, 64)));
}

function copyRange(bytes: Uint8Array, random: Random): Uint8Array {
  const length = Math.min(bytes.length, between(random, 1, 32));
  const [from, to] = [random.nextInt(bytes.length - length + 1), random.nextInt(bytes.length - length + 1)];
  return bytes.copyWithin(to, from, from + length);
}
