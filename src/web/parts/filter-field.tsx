// Fields of a filter bar: one of several words, or a text that is looked for a moment after the last key.
import { type ReactNode, useEffect, useState } from 'react';

interface ChoiceProps {
  label: string;
  value: string | undefined;
  /** Value and word; the first one stands for no filter. */
  choices: readonly (readonly [string, string])[];
  onChange(value: string): void;
}

export function ChoiceField({ label, value, choices, onChange }: ChoiceProps): ReactNode {
  return (
    <label className="field">
      <span className="hidden">{label}</span>
      <select value={value ?? ''} onChange={(event) => onChange(event.currentTarget.value)}>
        {choices.map(([each, word]) => (
          <option key={each} value={each}>
            {word}
          </option>
        ))}
      </select>
    </label>
  );
}

interface TextProps {
  label: string;
  value: string | undefined;
  type?: 'search' | 'date';
  onChange(value: string): void;
}

export function TextField({ label, value = '', type = 'search', onChange }: TextProps): ReactNode {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), type === 'date' ? 0 : 250);
    return () => clearTimeout(timer);
  });
  return (
    <label className="field">
      <span className="hidden">{label}</span>
      <input type={type} value={text} placeholder={label} onChange={(event) => setText(event.currentTarget.value)} />
    </label>
  );
}
