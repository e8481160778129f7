import { groupBy } from '../../base/group-by.js';
import type { Path } from '../../base/path.js';
import type { ModelProfile } from '../../profile/profile.js';
import type { ProfileFile } from '../resources.js';
import { type Findings, suggest } from './findings.js';

/** All profiles of a scenario, found by model and kind of device. */
export class ProfileRegistry {
  readonly #byModel: ReadonlyMap<string, readonly ProfileFile[]>;
  readonly #fileOf: ReadonlyMap<ModelProfile, ProfileFile>;
  readonly #findings: Findings;
  readonly #isComplete: boolean;
  readonly #reported = new Set<string>();

  /** `isComplete` is false where some files could not be read: what is missing may be in them. */
  constructor(files: readonly ProfileFile[], isComplete: boolean, findings: Findings) {
    this.#findings = findings;
    this.#isComplete = isComplete;
    const distinct = new Map(files.map((entry) => [entry.file, entry])).values();
    this.#byModel = groupBy(distinct, ({ profile }) => profile.model);
    this.#fileOf = new Map(files.map((entry) => [entry.profile, entry]));
  }

  /** The file that says what was measured of the server of this profile. */
  serverFileOf(profile: ModelProfile): string {
    const found = this.#fileOf.get(profile);
    return found?.serverFile ?? found?.file ?? profile.model;
  }

  /** Whether there is a profile of the model on that kind of device. */
  has(model: string, device: string): boolean {
    return this.#byModel.get(model)?.some(({ profile }) => profile.device === device) === true;
  }

  /** The profile of the model on that kind of device. When there is none, or several, `path` is to blame. */
  find(model: string, device: string, path: Path): ModelProfile | undefined {
    const ofModel = this.#byModel.get(model) ?? [];
    const found = ofModel.filter(({ profile }) => profile.device === device);
    if (found.length === 1) return found[0]!.profile;
    if (found.length === 0 && this.#isComplete) this.#reportMissing(model, device, ofModel, path);
    else if (found.length > 1) this.#reportSeveral(model, device, found, path);
    return undefined;
  }

  #reportMissing(model: string, device: string, ofModel: readonly ProfileFile[], path: Path): void {
    const kinds = devicesOf(ofModel);
    const remedy =
      kinds.length > 0 ? `there are profiles of it for ${kinds.join(', ')}` : this.#remedy(model, device);
    this.#report(path, `there is no profile of "${model}" for the device "${device}"`, remedy);
  }

  /** Where no profile bears the model's name: those for its device can stand in, others cannot. */
  #remedy(model: string, device: string): string {
    const there = [...this.#byModel.keys()].filter((one) => this.has(one, device));
    const kinds = devicesOf([...this.#byModel.values()].flat());
    if (kinds.length > 0 && there.length === 0)
      return `the profiles here are for ${kinds.join(', ')}; make one of your own with perseus calibrate or perseus profile import`;
    return `name its file under profiles, or write profile: at the model; for this device ${suggest(model, there)}`;
  }

  #reportSeveral(model: string, device: string, found: readonly ProfileFile[], path: Path): void {
    const files = found.map(({ file }) => file).join(', ');
    this.#report(
      path,
      `there are ${found.length} profiles of "${model}" for "${device}": ${files}`,
      'keep one',
    );
  }

  /** Once for each place: replicas and instances would repeat it. */
  #report(path: Path, what: string, remedy: string): void {
    const key = `${JSON.stringify(path)} ${what}`;
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    this.#findings.problem(path, what, remedy);
  }
}

function devicesOf(files: readonly ProfileFile[]): string[] {
  return [...new Set(files.map(({ profile }) => profile.device))];
}
