// One field for each setting that the connector asks for, with its help beside it; secrets are written, never read.
import { PasswordInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Connector } from '../../api-types.ts';
import { useWords } from '../../words/words.ts';
import { fieldsOf, type SettingField } from './fields-of.ts';
import type { Draft } from './use-draft.ts';
import { ValueField } from './value-field.tsx';

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
    <ValueField
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
