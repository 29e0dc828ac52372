// One secret while settings are edited: what may be said of it, and a field to write a new one, never to read it.
import { Button, PasswordInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Explanation, ShownConfig } from '../../api-types.ts';
import { When } from '../../parts/when.tsx';
import { useWords } from '../../words/words.ts';
import { inWords } from '../connect/fields-of.ts';
import { SettingLabel } from '../connect/setting-label.tsx';
import { Inherited } from './param-row.tsx';

type Explained = Explanation['secrets'][number];

interface RowProps {
  name: string;
  config: ShownConfig;
  explained: Explained | undefined;
  /** A new value as typed, null = it goes, undefined = as it is stored. */
  edit: string | null | undefined;
  onEdit(value: string | null | undefined): void;
}

export function SecretRow({ name, config, explained, edit, onEdit }: RowProps): ReactNode {
  const { secret, undo } = useWords().edit.settings;
  const { signIn } = useWords();
  const isOwn = Object.hasOwn(config.secrets, name);
  const isWriting = typeof edit === 'string';
  return (
    <div className={edit === undefined ? 'setting' : 'setting is-edited'}>
      <div className="secret-row">
        <span className="strong">
          <SettingLabel title={inWords(name)} name={name} />
        </span>
        <span className="secret-state small">
          <State {...{ config, explained, edit, isOwn }} />
        </span>
        <span className="secret-acts">
          {edit === undefined ? (
            <>
              <Button variant="default" size="compact-sm" onClick={() => onEdit('')}>
                {isOwn ? secret.replace : explained === undefined ? secret.add : secret.override}
                <span className="hidden"> {name}</span>
              </Button>
              {isOwn ? (
                <Button variant="subtle" size="compact-sm" onClick={() => onEdit(null)}>
                  {secret.remove}
                  <span className="hidden"> {name}</span>
                </Button>
              ) : null}
            </>
          ) : (
            <Button variant="subtle" size="compact-sm" onClick={() => onEdit(undefined)}>
              {undo}
              <span className="hidden"> {name}</span>
            </Button>
          )}
        </span>
      </div>
      {isWriting ? (
        <PasswordInput
          aria-label={secret.fresh(name)}
          placeholder={secret.fresh(name)}
          autoComplete="new-password"
          autoFocus
          value={edit}
          onChange={(event) => onEdit(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': signIn.show, tabIndex: 0 }}
        />
      ) : null}
    </div>
  );
}

function State({ explained, edit, isOwn }: Omit<RowProps, 'name' | 'onEdit'> & { isOwn: boolean }): ReactNode {
  const { secret, from } = useWords().edit.settings;
  const [next] = explained?.hides ?? [];
  if (edit === null) {
    return (
      <span className="ink-amber">
        {isOwn && next !== undefined ? secret.removedTo(from[next.level](next.name)) : secret.removed}
      </span>
    );
  }
  if (edit !== undefined && edit !== '') {
    return <span className="ink-amber">{explained === undefined ? secret.added : secret.replaced}</span>;
  }
  if (explained === undefined) return <span className="soft">{secret.none}</span>;
  return (
    <>
      <span>
        {secret.set} {explained.set_at === null ? null : <When at={explained.set_at} />}
        {explained.ends_in === null ? null : (
          <>
            , {secret.ends} <code>{explained.ends_in}</code>
          </>
        )}
      </span>
      {isOwn ? null : <Inherited from={from[explained.from.level](explained.from.name)} />}
    </>
  );
}
