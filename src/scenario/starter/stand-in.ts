import type { ModelProfile } from '../../profile/profile.js';
import { doubtOf } from '../../profile/validation.js';

/** A profile that perseus ships. */
export interface ShippedProfile {
  /** Name of its folder, as in `shipped:t4`. */
  readonly folder: string;
  readonly profile: ModelProfile;
}

/** A shipped profile in place of one of the model itself. */
export interface StandIn extends ShippedProfile {
  /** The name of the network is in the model's name as a whole, not only that of its family. */
  readonly isSameNetwork: boolean;
}

interface AskedModel {
  readonly name: string;
  readonly platform: string;
  readonly backend: string;
}

/**
 * The shipped profile on a device whose network the model's name tells, of the model's own backend where there is one.
 * Undefined where the name tells none.
 */
export function standInFor(
  model: AskedModel,
  device: string,
  shipped: readonly ShippedProfile[],
): StandIn | undefined {
  if (BESIDE_NETWORK.test(model.name)) return undefined;
  const rated = shipped
    .filter(({ profile }) => profile.device === device && !NO_NETWORKS.has(profile.model))
    .map((entry) => ({ entry, rating: ratingOf(model, entry.profile) }))
    .filter(({ rating }) => rating > 0);
  const [best] = rated.sort(
    (a, b) =>
      b.rating - a.rating ||
      // Of a family nothing tells how large the model is: the slowest promises the least.
      (a.rating < SAME_NETWORK ? bestMs(b.entry.profile) - bestMs(a.entry.profile) : 0) ||
      (a.entry.profile.model < b.entry.profile.model ? -1 : 1),
  );
  return best && { ...best.entry, isSameNetwork: best.rating >= SAME_NETWORK };
}

/** Sample models of our own, named after nothing. */
const NO_NETWORKS: ReadonlySet<string> = new Set(['small', 'medium', 'large', 'mlp']);

/** Steps before and after a network, which often have its name in theirs: `bert.tokenizer`, `resnet50_preprocess`. */
const BESIDE_NETWORK = /tokeni[sz]|(?:pre|post)[^a-z0-9]?proc/i;

const SAME_NETWORK = 100;
const SAME_FAMILY = 10;
/** Outweighs the backend: `large` of bert-large tells more of the time than what runs it. */
const SAME_SIZE = 2;

/** An inference in the batch in which it takes least. */
function bestMs({ service }: ModelProfile): number {
  return Math.min(
    ...service.map(({ batchSize, inputMs, inferMs, outputMs }) => (inputMs + inferMs + outputMs) / batchSize),
  );
}

/** 0: its name tells nothing of that network. */
function ratingOf(model: AskedModel, profile: ModelProfile): number {
  const words = networkOf(profile.model);
  const own = squash(model.name);
  const [family = ''] = /^\d*[a-z]+/.exec(words[0] ?? '') ?? [];
  const network = words.join('');
  const isSame = network.length > 3 ? hasNetwork(model.name, words) : hasFamily(model.name, network);
  if (!isSame && !hasFamily(model.name, family)) return 0;
  const backend = backendWords(model).some((word) => profile.model.split('-').includes(word)) ? 1 : 0;
  const size = words.slice(1).some((word) => own.includes(sizeOf(word))) ? SAME_SIZE : 0;
  // The longer name tells more: ssd-mobilenet is no mobilenet.
  return (isSame ? SAME_NETWORK + network.length * 2 : SAME_FAMILY + size) + backend;
}

/** `large` of bert-large, and `dist` of bert-dist4l, which a distilbert has in its name. */
function sizeOf(word: string): string {
  return /^[a-z]{4,}/.exec(word)?.[0] ?? word;
}

/** Whether the name has the network as words of their own: a distilbert or a roberta, whose letters go on, is no bert. */
function hasNetwork(name: string, words: readonly string[]): boolean {
  const letters = words.join('').split('').join('[^a-z0-9]*');
  return new RegExp(`(?<![a-z])${letters}(?!(?<=[a-z])[a-z])`).test(name.toLowerCase());
}

/** Short names of families are words of their own, or such a word occurs by chance. */
function hasFamily(name: string, family: string): boolean {
  if (family.length < 3) return false;
  if (family.length > 3) return squash(name).includes(family);
  return name
    .toLowerCase()
    .split(/[^a-z]+/)
    .includes(family);
}

/** Words of a profile's name before those that say how it was served: `resnet50-onnx-trt-fp16` is of resnet50. */
function networkOf(name: string): readonly string[] {
  const words = name.toLowerCase().split(/[^a-z0-9]+/);
  const end = words.findIndex((word) => SERVED.test(word));
  return end <= 0 ? words.slice(0, 1) : words.slice(0, end);
}

/** Backends, number formats, submitters, and MLPerf's accuracy targets. */
const SERVED = /^(onnx|trt|pytorch|tensorflow|fp16|fp32|int8|nvidia|alibaba|table\d|99)$/;

function backendWords({ platform, backend }: AskedModel): readonly string[] {
  const text = `${platform} ${backend}`;
  return [
    ...(text.includes('tensorrt') ? ['trt'] : []),
    ...(text.includes('onnx') ? ['onnx'] : []),
    ...(text.includes('pytorch') ? ['pytorch'] : []),
    ...(text.includes('tensorflow') ? ['tensorflow'] : []),
  ];
}

function squash(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '');
}

/** What a reader must doubt of a stand-in, in one clause. */
export function doubtOfStandIn({ profile, isSameNetwork }: StandIn): string {
  const { backend, precision } = profile.provenance;
  const network = isSameNetwork ? 'a network of that name' : 'another network of that family';
  const tested = profile.validation?.meanErrorPercent;
  const off =
    tested === undefined
      ? 'held against no load'
      : `${Number(tested.toPrecision(2))} % off in its own tests${doubtOf(profile) === undefined ? '' : ', which is much'}`;
  const software = [backend, precision].filter((said) => said !== 'unknown').join(', ');
  return `${network}${software === '' ? '' : ` in ${software}`}; ${off}; yours may differ by several times`;
}
