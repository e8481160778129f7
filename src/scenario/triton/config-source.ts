import type { Path } from '../../base/path.js';
import type { Place, ProblemList } from '../../base/problem.js';
import type { ModelConfigFields } from './fields.js';

/** A model configuration as it was written, in either form, and where each part of it stands. */
export interface ConfigSource {
  readonly fields: ModelConfigFields;
  readonly placeOf: (path: Path) => Place;
  /** Names of fields in which something is wrong that was told already; what is right in them may be missing. */
  readonly broken?: ReadonlySet<string>;
}

export type AddProblem = (path: Path, what: string, remedy?: string) => void;

export function problemAdder(source: ConfigSource, problems: ProblemList): AddProblem {
  return (path, what, remedy) => {
    problems.add({ ...source.placeOf(path), what, ...(remedy === undefined ? {} : { remedy }) });
  };
}
