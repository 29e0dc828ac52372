// The field of one setting, by its kind, with its help beside it.
import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '../../words/words.ts';
import type { SettingField } from './fields-of.ts';
import { SettingLabel } from './setting-label.tsx';

interface FieldProps {
  field: SettingField;
  value: string;
  onChange(value: string): void;
  /** Said below the help. */
  note?: string;
  /** What holds while nothing is typed. */
  placeholder?: string;
  readOnly?: boolean;
  /** Default: as the connector says. A level may leave to those below what they need. */
  isRequired?: boolean;
  /** Stands below the field. */
  below?: ReactNode;
}

export function ValueField(props: FieldProps): ReactNode {
  const { field, value, onChange, note = '', placeholder = '', readOnly = false, below } = props;
  const { isRequired = field.isRequired } = props;
  const { connect, connectors } = useWords();
  const { name, title, kind, choices, help, preset } = field;
  const presetText = preset === null ? '' : connect.defaultIs(preset);
  const same = {
    label: <SettingLabel title={title} name={name} />,
    description: [help, presetText, note].filter((text) => text !== '').join(' '),
    required: isRequired && preset === null && placeholder === '',
    value,
    ...(below === undefined ? {} : { inputContainer: (input: ReactNode) => withBelow(input, below) }),
  };
  if ((kind === 'choice' || kind === 'yes_no') && !readOnly) {
    const words =
      kind === 'yes_no'
        ? [['true', connectors.yes] as const, ['false', connectors.no] as const]
        : choices.map((each) => [each, each] as const);
    const empty = { value: '', label: placeholder === '' ? '–' : placeholder };
    const data = [empty, ...words.map(([each, label]) => ({ value: each, label }))];
    return <NativeSelect {...same} data={data} onChange={(event) => onChange(event.currentTarget.value)} />;
  }
  const typed = { ...same, placeholder, readOnly };
  if (kind === 'json') {
    return <Textarea {...typed} autosize minRows={1} onChange={(event) => onChange(event.currentTarget.value)} />;
  }
  return (
    <TextInput
      {...typed}
      inputMode={kind === 'number' ? 'decimal' : 'text'}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function withBelow(input: ReactNode, below: ReactNode): ReactNode {
  return (
    <div>
      {input}
      <div className="setting-from small">{below}</div>
    </div>
  );
}
