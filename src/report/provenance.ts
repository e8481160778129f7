import { plural } from '../base/plural.js';
import { formatSetting } from './format.js';
import type { RunReport } from './run-report.js';

/** How it was simulated, in a line: length, warm-up, runs, seed. */
export function runDescription({ summary, provenance }: RunReport): string {
  const { measuredS, warmUpS, runs } = summary;
  const length = `${formatSetting(measuredS / runs + warmUpS)} s`;
  const [times, ofEach] = runs > 1 ? [`${formatSetting(runs)} runs of ${length}`, ' of each'] : [length, ''];
  const warmUp =
    warmUpS > 0 ? `the first ${formatSetting(warmUpS)} s${ofEach} cut as warm-up` : 'no warm-up cut';
  const seed = runs > 1 ? `first seed ${firstSeed(provenance.seed)}` : `one run, seed ${provenance.seed}`;
  return `${times} simulated, ${warmUp}, ${seed}`;
}

/** Of `7, 7/2, 7/3`, which name the runs after the seed of the scenario: 7. */
function firstSeed(seeds: string): string {
  return /^(.*?), \1\/2(, |$)/.exec(seeds)?.[1] ?? seeds;
}

/**
 * Where the figures come from: perseus, scenario, profiles, traces; one sentence each, `most` at
 * most of a kind.
 */
export function sourceSentences(
  { provenance }: RunReport,
  most = Number.POSITIVE_INFINITY,
): readonly string[] {
  const { version, commit, scenarioFile, profileSources, profileErrors, traceSources } = provenance;
  const { sharedArrivals = [] } = provenance;
  const build = commit === undefined ? `perseus ${version}` : `perseus ${version} (${commit})`;
  return [
    `Predicted by ${build} from ${scenarioFile}.`,
    ...atMost(
      most,
      profileSources.map(
        ({ model, device, source, licence }) => `Profile ${model} on ${device}: ${source} (${licence}).`,
      ),
      'profile',
    ),
    ...(profileErrors === undefined ? [] : [errorsSentence(profileErrors)]),
    ...atMost(
      most,
      traceSources.map((source) => `Trace: ${source}.`),
      'trace',
    ),
    'Intervals (low–high) are 95 %. Latency counts from the planned arrival.',
    ...(sharedArrivals.length === 0 ? [] : [sharedSentence(sharedArrivals, most)]),
  ];
}

/** What the intervals between runs cover where their arrivals are the same. */
function sharedSentence(tenants: readonly string[], most: number): string {
  const [first, ...rest] = tenants;
  const who = tenants.length <= most ? tenants.join(', ') : `${first} and ${rest.length} more`;
  return `All runs have the same arrivals of ${who}: intervals cover what the server draws, not another day of this load.`;
}

/** With the page that says what such errors are good for. */
export function errorsSentence(errors: string): string {
  return `The ${errors}; docs/accuracy.md says what can be believed.`;
}

/** A verdict with what must hold for it, as `guessesText` says. */
export function ifRight(sentence: string, guesses: string | undefined): string {
  return guesses === undefined ? sentence : `${sentence.replace(/\.$/, '')}, if ${guesses}.`;
}

function atMost(most: number, sentences: readonly string[], kind: string): readonly string[] {
  const rest = sentences.length - most;
  return rest > 0 ? [...sentences.slice(0, most), `And ${rest} more ${plural(rest, kind)}.`] : sentences;
}
