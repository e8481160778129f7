/** A parameter that the points of a calibration do not tell; the profile holds a usual value, or none. */
export interface Unidentified {
  /** Absent: of the whole server. */
  readonly model?: string;
  readonly parameter: string;
  /** Why, and where it matters what would tell it. */
  readonly why: string;
}
