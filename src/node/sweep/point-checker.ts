import { InputError, problemsOf } from '../../base/problem.js';
import { remembered } from '../../base/remembered.js';
import type { ScenarioResources } from '../../scenario/resources.js';
import type { ScenarioSpec } from '../../scenario/spec.js';
import { ArrivalCache } from '../../sweep/attach.js';
import type { AxisLevel, AxisValue } from '../../sweep/axis.js';
import { addressPoint, type DetachedScenario } from '../../sweep/detached.js';
import { copyPlain, type PlainRecord } from '../../sweep/plain.js';
import { readPointSpec, resolvePoint } from '../../sweep/resolve-point.js';
import { placeOfNamed } from '../files/named-path.js';
import { renameFiles } from '../scenario/named-files.js';
import { readResources } from '../scenario/scenario-files.js';
import type { BaseScenario } from './base-scenario.js';
import { digest, Library } from './content-library.js';
import { engine } from './engine.js';
import { NamedConfigs } from './named-configs.js';
import { PointProblems } from './point-problems.js';
import { addFiles, portablePoint } from './portable-point.js';

/** A point of a sweep: what its axes show, and its scenario. */
export interface SweepPoint {
  /** From 1, in the order of the design. */
  readonly number: number;
  /** In the order of the axes. */
  readonly values: readonly AxisValue[];
  readonly key: string;
  readonly scenario: DetachedScenario;
  /** The scenario as a file would have it; paths are absolute. */
  readonly document: PlainRecord;
  /** The same for a machine that has none of its files: see `portablePoint`. */
  readonly portable: () => string;
}

/** Memory for traces that are drawn while points are checked: only scaled or cut trace files are. */
export const TRACE_BYTES = 256 * 2 ** 20;

/** Builds and checks the scenarios of points, and gathers what is wrong with any of them. */
export class PointChecker {
  readonly library = new Library();
  readonly problems: PointProblems;
  readonly #base: BaseScenario;
  readonly #axes: readonly string[];
  readonly #folder: string;
  readonly #arrivals = new ArrivalCache(this.library, TRACE_BYTES);
  readonly #configs: NamedConfigs;
  readonly #files = new Map<string, Promise<ReadFiles>>();

  /** @param folder of the sweep file, to which paths in it are relative; those of the base are absolute */
  constructor(base: BaseScenario, axes: readonly string[], folder: string) {
    this.#base = base;
    this.problems = new PointProblems(base.problems);
    this.#axes = axes;
    this.#folder = folder;
    this.#configs = new NamedConfigs(folder);
  }

  /** The point, or undefined where something is wrong with it. */
  async check(number: number, levels: readonly AxisLevel[]): Promise<SweepPoint | undefined> {
    const values = levels.map(({ value }) => value);
    try {
      const document = await this.#build(levels);
      return { number, values, document, ...(await this.#resolve(document)) };
    } catch (error) {
      this.problems.add(labelOf(this.#axes, values), problemsOf(error));
      return undefined;
    }
  }

  async #build(levels: readonly AxisLevel[]): Promise<PlainRecord> {
    const document = copyPlain(this.#base.document) as PlainRecord;
    for (const { apply } of levels) {
      apply(document);
      // A later axis may lead into a configuration that an earlier one named.
      const problems = await this.#configs.inlineIn(document);
      if (problems.length > 0) throw new InputError(problems);
    }
    renameFiles(document, (path) => placeOfNamed(path, this.#folder));
    return document;
  }

  async #resolve(document: PlainRecord): Promise<Pick<SweepPoint, 'key' | 'scenario' | 'portable'>> {
    const read = readPointSpec(document, this.#base.positionOf);
    const { spec } = read;
    if (spec === undefined) throw new InputError(read.problems);
    const { resources, names } = await this.#read(spec);
    const resolved = resolvePoint(read, resources, {
      positionOf: this.#base.positionOf,
      arrivals: this.#arrivals,
      hashes: {
        profile: (profile) => this.library.addProfile(profile),
        trace: (file) => nameOf(file, names),
      },
    });
    const addressed = addressPoint(resolved, engine(), digest);
    return { ...addressed, portable: () => portablePoint({ document, spec, ...addressed }, names) };
  }

  /** Files are read once for all points that name the same ones. */
  #read(spec: ScenarioSpec): Promise<ReadFiles> {
    const named = JSON.stringify([
      spec.profiles,
      spec.servers.map(({ models, machine, serverProfile }) => [
        serverProfile,
        models.map(({ config }) => typeof config === 'string' && config),
        machine?.price !== undefined,
      ]),
      spec.tenants.map(({ load }) => load.trace?.file),
      spec.prices,
    ]);
    return remembered(this.#files, named, async () => {
      const resources = await readResources(spec, this.#folder);
      return { resources, names: addFiles(resources, this.library) };
    });
  }
}

/** What points name, and the names that it has in the library. */
interface ReadFiles {
  readonly resources: ScenarioResources;
  readonly names: ReadonlyMap<string, string>;
}

/** @throws InputError where the file could not be read; the check of the scenario says so in its own words */
function nameOf(file: string, names: ReadFiles['names']): string {
  const name = names.get(file);
  if (name === undefined) throw InputError.of(`${file} was not read`);
  return name;
}

/** `gpu = Tesla T4, instances = 2`; long values are cut. */
export function labelOf(axes: readonly string[], values: readonly AxisValue[]): string {
  return axes.map((name, i) => `${name} = ${shown(String(values[i]))}`).join(', ');
}

/** Enough of a value to tell the point. */
const LONGEST_VALUE = 100;

function shown(value: string): string {
  return value.length <= LONGEST_VALUE ? value : `${value.slice(0, LONGEST_VALUE)}...`;
}
