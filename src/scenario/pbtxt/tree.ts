/** Where a token starts: 1-based line and column, the column in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A message of the protobuf text format: its fields in the order in which they are written. */
export interface TextMessage {
  readonly kind: 'message';
  readonly position: Position;
  readonly fields: readonly TextField[];
  /** Fields that are written as `[]`: they have no value, and only repeated fields may. */
  readonly emptyLists: readonly FieldName[];
}

export interface FieldName {
  readonly name: string;
  /** Where the name is written. */
  readonly position: Position;
}

/** One value of one field. `dims: [3, 224]` is two fields named `dims`, both `listed`. */
export interface TextField extends FieldName {
  /** True when the value stands inside `[...]`, which only repeated fields may have. */
  readonly listed: boolean;
  readonly value: TextValue;
}

export type TextValue = TextMessage | TextScalar;

/** A scalar as it is written; only a schema knows which type was meant. */
export type TextScalar =
  | { readonly kind: 'string'; readonly position: Position; readonly value: string }
  /** A bare word: an enum value, a boolean, `inf` or `nan`. */
  | { readonly kind: 'identifier'; readonly position: Position; readonly value: string }
  | {
      readonly kind: 'integer';
      readonly position: Position;
      readonly value: bigint;
      /** A minus stands before it. */
      readonly isNegated?: boolean;
    }
  | { readonly kind: 'float'; readonly position: Position; readonly value: number };
