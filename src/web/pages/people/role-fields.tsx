// Which role, and for which part of the hierarchy.
import { NativeSelect } from '@mantine/core';
import type { ReactNode } from 'react';
import type { User } from '../../api-types.ts';
import { useLevels } from '../../queries/configs.ts';
import { useWords } from '../../words/words.ts';

export type Role = User['roles'][number];

export function RoleFields({ role, onChange }: { role: Role; onChange(role: Role): void }): ReactNode {
  const { people, connect, levels: words } = useWords();
  const levels = useLevels();
  const rows = {
    all: [],
    concept: levels.data?.concepts ?? [],
    company: levels.data?.companies ?? [],
    site: levels.data?.sites ?? [],
  }[role.level];
  return (
    <>
      <NativeSelect
        label={people.role}
        description={people.roleHelp[role.role]}
        value={role.role}
        data={(['viewer', 'operator', 'admin'] as const).map((value) => ({ value, label: people.roleNames[value] }))}
        onChange={(event) => onChange({ ...role, role: event.currentTarget.value as Role['role'] })}
      />
      <NativeSelect
        label={connect.level}
        value={role.level}
        data={[
          { value: 'all', label: people.everywhere },
          { value: 'concept', label: words.concept },
          { value: 'company', label: words.company },
          { value: 'site', label: words.site },
        ]}
        onChange={(event) => onChange({ ...role, level: event.currentTarget.value as Role['level'], level_id: null })}
      />
      {role.level === 'all' ? null : (
        <NativeSelect
          label={words[role.level]}
          required
          value={String(role.level_id ?? '')}
          data={[{ value: '', label: '–' }, ...rows.map(({ id, name }) => ({ value: String(id), label: name }))]}
          onChange={(event) =>
            onChange({ ...role, level_id: event.currentTarget.value === '' ? null : Number(event.currentTarget.value) })
          }
        />
      )}
    </>
  );
}
