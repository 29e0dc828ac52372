// One field for each setting that the connector asks for, with its help beside it; secrets are written, never read.
import { PasswordInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Connector } from '../../api-types.ts';
import { useWords } from '../../words/words.ts';
import { fieldsOf, inWords, neededNow, type SettingField } from './fields-of.ts';
import { SettingLabel } from './setting-label.tsx';
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
  const needed = neededNow(connector, fields, draft.params);
  const first = [...connector.address_fields, ...needed.deciding];
  const isFirst = ({ isRequired, name }: SettingField) => isRequired || first.includes(name);
  const field = (each: SettingField) => (
    <ValueField
      key={each.name}
      field={each}
      isRequired={each.isRequired && draft.level !== 'concept' && draft.level !== 'company'}
      value={draft.params[each.name] ?? ''}
      placeholder={each.preset ?? ''}
      onChange={(value) => change({ params: { ...draft.params, [each.name]: value } })}
    />
  );
  const secret = (name: string) => (
    <PasswordInput
      key={name}
      label={<SettingLabel title={inWords(name)} name={name} />}
      description={connect.secretHelp}
      autoComplete="off"
      value={secrets[name] ?? ''}
      onChange={(event) => setSecrets({ ...secrets, [name]: event.currentTarget.value })}
      visibilityToggleButtonProps={{ 'aria-label': signIn.show, tabIndex: 0 }}
    />
  );
  const later = fields.filter((each) => !isFirst(each));
  const otherSecrets = connector.secret_fields.filter((name) => !needed.secrets.includes(name));
  return (
    <>
      {fields.filter(isFirst).map(field)}
      {needed.secrets.map(secret)}
      {later.length + otherSecrets.length === 0 ? null : (
        <details className="raw">
          <summary>
            {connect.optional} ({later.length + otherSecrets.length})
          </summary>
          <div className="form">
            {later.map(field)}
            {otherSecrets.map(secret)}
          </div>
        </details>
      )}
    </>
  );
}
