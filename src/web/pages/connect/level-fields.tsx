// The name of the integration, and the concept, company or site that it is for.
import { NativeSelect, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useLevels } from '../../queries/configs.ts';
import { useWords } from '../../words/words.ts';
import type { Draft } from './use-draft.ts';

export function LevelFields({ draft, change }: { draft: Draft; change(part: Partial<Draft>): void }): ReactNode {
  const { connect, levels: words } = useWords();
  const levels = useLevels();
  const places = {
    '': [],
    concept: levels.data?.concepts ?? [],
    company: levels.data?.companies ?? [],
    site: levels.data?.sites ?? [],
  }[draft.level];
  const hasLevels = Object.values(levels.data ?? {}).some((rows) => rows.length > 0);
  return (
    <>
      <TextInput
        label={connect.name}
        description={connect.nameHelp}
        required
        value={draft.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      {hasLevels ? (
        <NativeSelect
          label={connect.level}
          value={draft.level}
          data={[
            { value: '', label: connect.noLevel },
            { value: 'site', label: words.site },
            { value: 'company', label: words.company },
            { value: 'concept', label: words.concept },
          ]}
          onChange={(event) => change({ level: event.currentTarget.value as Draft['level'], levelId: '' })}
        />
      ) : null}
      {places.length > 0 ? (
        <NativeSelect
          label={draft.level === '' ? connect.level : words[draft.level]}
          required
          value={draft.levelId}
          data={[{ value: '', label: '–' }, ...places.map(({ id, name }) => ({ value: String(id), label: name }))]}
          onChange={(event) => change({ levelId: event.currentTarget.value })}
        />
      ) : null}
    </>
  );
}
