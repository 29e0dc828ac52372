// One setting while it is edited: its field, where its value comes from, and the way back to the inherited one.
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Explanation, ShownConfig } from '../../api-types.ts';
import { Icon } from '../../look/icon.tsx';
import { useWords } from '../../words/words.ts';
import { type SettingField, textOf } from '../connect/fields-of.ts';
import { ValueField } from '../connect/value-field.tsx';

type Explained = Explanation['params'][number];

interface RowProps {
  field: SettingField;
  config: ShownConfig;
  explained: Explained | undefined;
  isIdentity: boolean;
  /** As typed; null = its own value goes, undefined = as it is stored. */
  edit: string | null | undefined;
  onEdit(value: string | null | undefined): void;
}

/** What would hold if the config itself said nothing. */
interface Upper {
  text: string;
  from: Explained['from'];
}

function upperOf(config: ShownConfig, explained: Explained | undefined, field: SettingField): Upper | null {
  const preset = field.preset === null ? null : { text: field.preset, from: null };
  if (explained === undefined) return preset;
  const { from, value, hides } = explained;
  if (from === null) return { text: textOf(value), from: null };
  if (from.config_id !== config.id) return { text: textOf(value), from };
  const [next] = hides;
  return next === undefined ? preset : { text: textOf(next.value), from: next };
}

export function ParamRow({ field, config, explained, isIdentity, edit, onEdit }: RowProps): ReactNode {
  const { settings } = useWords().edit;
  const { name } = field;
  const isOwn = Object.hasOwn(config.params, name);
  const upper = upperOf(config, explained, field);
  // Some connectors say so themselves.
  const note = isIdentity && !/identity/i.test(field.help) ? `(${settings.identity})` : '';
  const isInherited = upper?.from != null && (edit === null || (edit === undefined && !isOwn));
  return (
    <div className={edit === undefined ? 'setting' : 'setting is-edited'}>
      <ValueField
        field={field}
        isRequired={false}
        note={note}
        value={isInherited ? upper.text : (edit ?? (edit === null || !isOwn ? '' : textOf(config.params[name])))}
        placeholder={upper !== null && upper.from === null ? upper.text : ''}
        readOnly={isInherited}
        onChange={onEdit}
        below={<Origin {...{ upper, isOwn, edit, isInherited, onEdit }} />}
      />
    </div>
  );
}

interface OriginProps {
  upper: Upper | null;
  isOwn: boolean;
  edit: string | null | undefined;
  isInherited: boolean;
  onEdit(value: string | null | undefined): void;
}

function Origin({ upper, isOwn, edit, isInherited, onEdit }: OriginProps): ReactNode {
  const { settings } = useWords().edit;
  const undo = edit === undefined ? null : <Act text={settings.undo} onClick={() => onEdit(undefined)} />;
  const from = upper?.from == null ? '' : settings.from[upper.from.level](upper.from.name);
  if (isInherited) {
    return (
      <>
        <Inherited from={from} />
        {edit === null ? undo : <Act text={settings.override} onClick={() => onEdit(upper?.text ?? '')} />}
      </>
    );
  }
  if (edit === null) {
    return (
      <>
        <span className="soft">{upper === null ? settings.willBeUnset : settings.willGo(upper.text)}</span>
        {undo}
      </>
    );
  }
  if (!isOwn && edit === undefined) {
    return <span className="soft">{upper === null ? settings.notSet : settings.fromDefault(upper.text)}</span>;
  }
  return (
    <>
      <span className="soft">
        {upper === null
          ? settings.setHere
          : from === ''
            ? settings.setHereOverDefault(upper.text)
            : settings.setHereOver(upper.text, from)}
      </span>
      <Back upper={upper} isOwn={isOwn} onEdit={onEdit} />
      {isOwn ? undo : null}
    </>
  );
}

/** Takes the own value away: what comes in its place stands on the button. */
function Back({ upper, isOwn, onEdit }: Pick<OriginProps, 'upper' | 'isOwn' | 'onEdit'>): ReactNode {
  const { settings } = useWords().edit;
  const text =
    upper === null
      ? settings.takeAway
      : upper.from === null
        ? settings.defaultAgain(upper.text)
        : settings.inherit(upper.text);
  return <Act text={text} onClick={() => onEdit(isOwn ? null : undefined)} />;
}

function Act({ text, onClick }: { text: string; onClick(): void }): ReactNode {
  return (
    <Button variant="subtle" size="compact-xs" onClick={onClick}>
      {text}
    </Button>
  );
}

/** That a value stands at a level above, and at which. */
export function Inherited({ from }: { from: string }): ReactNode {
  return (
    <span className="inherited">
      <Icon name="layers" size={13} /> {from}
    </span>
  );
}
