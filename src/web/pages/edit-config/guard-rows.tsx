// The guard's limits of one config: what is empty holds the standard limit, which stands in the field.
import { NativeSelect, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Explanation, ShownConfig } from '../../api-types.ts';
import { useWords } from '../../words/words.ts';
import { type Edits, isShare, limitText } from './edits.ts';

interface RowsProps {
  config: ShownConfig;
  limits: Explanation['guard'];
  edits: Edits['guard'];
  onEdit(name: string, value: string | undefined): void;
}

export function GuardRows({ config, limits, edits, onEdit }: RowsProps): ReactNode {
  const { settings } = useWords().edit;
  const { connectors } = useWords();
  return limits.map(({ name, preset }) => {
    const [label = name, help = ''] = settings.limits[name] ?? [];
    const own = config.guard[name];
    const stored = own === undefined ? '' : limitText(name, own);
    const value = edits[name] ?? stored;
    const change = (typed: string) => onEdit(name, typed === stored ? undefined : typed);
    const same = { label, description: help, value };
    const standard = typeof preset === 'boolean' ? (preset ? settings.on : settings.off) : limitText(name, preset);
    return (
      <div key={name} className={edits[name] === undefined ? 'setting' : 'setting is-edited'}>
        {name === 'enabled' ? (
          <NativeSelect
            {...same}
            data={[
              { value: '', label: settings.standard(standard) },
              { value: 'true', label: connectors.yes },
              { value: 'false', label: connectors.no },
            ]}
            onChange={(event) => change(event.currentTarget.value)}
          />
        ) : (
          <TextInput
            {...same}
            inputMode="decimal"
            placeholder={settings.standard(isShare(name) ? `${standard} ${settings.percent}` : standard)}
            rightSection={isShare(name) ? <span className="soft">{settings.percent}</span> : null}
            onChange={(event) => change(event.currentTarget.value)}
          />
        )}
      </div>
    );
  });
}
