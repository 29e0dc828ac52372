// One field for each setting that the connector asks for, with its help beside it; secrets are written, never read.
import { NativeSelect, PasswordInput, Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Connector } from '../../api-types.ts';
import { useWords } from '../../words/words.ts';
import { fieldsOf, type SettingField } from './fields-of.ts';
import type { Draft } from './use-draft.ts';

interface FieldsProps {
  connector: Connector;
  draft: Draft;
  change(part: Partial<Draft>): void;
  secrets: Readonly<Record<string, string>>;
  setSecrets(secrets: Record<string, string>): void;
}

export function SettingFields({ connector, draft, change, secrets, setSecrets }: FieldsProps): ReactNode {
  const { connect, signIn } = useWords();
  const fields = fieldsOf(connector);
  const field = (each: SettingField) => (
    <Field
      key={each.name}
      field={each}
      value={draft.params[each.name] ?? ''}
      onChange={(value) => change({ params: { ...draft.params, [each.name]: value } })}
    />
  );
  const optional = fields.filter(({ isRequired }) => !isRequired);
  return (
    <>
      {fields.filter(({ isRequired }) => isRequired).map(field)}
      {connector.secret_fields.map((name) => (
        <PasswordInput
          key={name}
          label={name}
          description={connect.secretHelp}
          autoComplete="off"
          value={secrets[name] ?? ''}
          onChange={(event) => setSecrets({ ...secrets, [name]: event.currentTarget.value })}
          visibilityToggleButtonProps={{ 'aria-label': signIn.show, tabIndex: 0 }}
        />
      ))}
      {optional.length === 0 ? null : (
        <details className="raw">
          <summary>
            {connect.optional} ({optional.length})
          </summary>
          <div className="form">{optional.map(field)}</div>
        </details>
      )}
    </>
  );
}

interface FieldProps {
  field: SettingField;
  value: string;
  onChange(value: string): void;
}

function Field({ field, value, onChange }: FieldProps): ReactNode {
  const { connect, connectors } = useWords();
  const { name, kind, choices, help, isRequired, preset } = field;
  const presetText = preset === null ? '' : connect.defaultIs(preset);
  const same = {
    label: name,
    description: [help, presetText].filter((text) => text !== '').join(' '),
    required: isRequired && preset === null,
    value,
  };
  if (kind === 'choice' || kind === 'yes_no') {
    const words =
      kind === 'yes_no'
        ? [['true', connectors.yes] as const, ['false', connectors.no] as const]
        : choices.map((each) => [each, each] as const);
    const data = [{ value: '', label: '–' }, ...words.map(([each, label]) => ({ value: each, label }))];
    return <NativeSelect {...same} data={data} onChange={(event) => onChange(event.currentTarget.value)} />;
  }
  if (kind === 'json') {
    return <Textarea {...same} autosize minRows={1} onChange={(event) => onChange(event.currentTarget.value)} />;
  }
  return (
    <TextInput
      {...same}
      inputMode={kind === 'number' ? 'decimal' : 'text'}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
