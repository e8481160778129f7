import type { ComponentChildren } from 'preact';

interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number | 'any';
  readonly isOff?: boolean;
  readonly onSet: (value: number) => void;
}

/** A number with its label; it counts when the reader leaves it or presses Enter. */
export function NumberField({
  label,
  value,
  min = 0,
  max,
  step = 1,
  isOff = false,
  onSet,
}: NumberFieldProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="number"
        value={value}
        min={min}
        {...(max !== undefined && { max })}
        step={step}
        disabled={isOff}
        onChange={({ currentTarget }) => {
          const { valueAsNumber } = currentTarget;
          if (Number.isFinite(valueAsNumber) && valueAsNumber !== value) onSet(valueAsNumber);
          // What could not be set is not shown as if it were.
          currentTarget.value = String(value);
        }}
      />
    </label>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly isOff?: boolean;
  readonly onSet: (value: string) => void;
}

/** A name with its label; it counts when the reader leaves it or presses Enter. */
export function TextField({ label, value, isOff = false, onSet }: TextFieldProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="text"
        value={value}
        disabled={isOff}
        onChange={({ currentTarget }) => {
          if (currentTarget.value !== value) onSet(currentTarget.value);
          // What could not be set is not shown as if it were.
          currentTarget.value = value;
        }}
      />
    </label>
  );
}

interface ChoiceProps extends Omit<TextFieldProps, 'isOff'> {
  readonly options: readonly (readonly [value: string, text: string])[];
}

export function Choice({ label, value, options, onSet }: ChoiceProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={({ currentTarget }) => onSet(currentTarget.value)}>
        {options.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Action({
  onClick,
  children,
}: {
  readonly onClick: () => void;
  readonly children: ComponentChildren;
}) {
  return (
    <button type="button" onClick={onClick}>
      {children}
    </button>
  );
}
