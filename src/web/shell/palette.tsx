// The palette: type to find a page or an integration, or to sync one.
import { Modal } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, type ReactNode, useId, useState } from 'react';
import { Icon, type IconName } from '../look/icon.tsx';
import { toast } from '../parts/toasts.tsx';
import { useConfigs } from '../queries/configs.ts';
import { useRunCall } from '../queries/runs.ts';
import { useWords } from '../words/words.ts';
import { places } from './places.ts';

interface Choice {
  id: string;
  name: string;
  icon: IconName;
  act(): void;
}

export function Palette({ isOpen, onClose }: { isOpen: boolean; onClose(): void }): ReactNode {
  const words = useWords();
  const navigate = useNavigate();
  // Here and not in the finder, which is gone before the answer comes.
  const start = useRunCall();
  const sync = (configId: string) =>
    start.mutate(
      { path: `/configs/${configId}/runs` },
      {
        onSuccess: (run) => void navigate({ to: '/runs/$runId', params: { runId: run.id } }),
        onError: ({ message }) => toast('red', message),
      },
    );
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      withCloseButton={false}
      centered={false}
      padding={0}
      size={560}
      attributes={{ content: { 'aria-label': words.keys.palette } }}
    >
      <Finder onDone={onClose} onSync={sync} />
    </Modal>
  );
}

function useChoices(text: string, sync: (configId: string) => void): Choice[] {
  const words = useWords();
  const navigate = useNavigate();
  const configs = useConfigs();
  const all: Choice[] = [
    ...places.map(({ to, name, icon }) => ({
      id: to,
      name: words.pages[name],
      icon,
      act: () => void navigate({ to }),
    })),
    ...(configs.data ?? []).flatMap(({ id, name, source_id }): Choice[] => [
      {
        id: `open ${id}`,
        name: words.keys.paletteOpen(name),
        icon: 'plug',
        act: () => void navigate({ to: '/integrations/$configId', params: { configId: id } }),
      },
      ...(source_id === null
        ? []
        : [{ id: `sync ${id}`, name: words.keys.paletteSync(name), icon: 'run' as const, act: () => sync(id) }]),
    ]),
  ];
  const wanted = text.toLowerCase().split(/\s+/);
  return all.filter(({ name }) => wanted.every((word) => name.toLowerCase().includes(word))).slice(0, 12);
}

function Finder({ onDone, onSync }: { onDone(): void; onSync(configId: string): void }): ReactNode {
  const words = useWords();
  const listId = useId();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const choices = useChoices(text, onSync);
  const chosen = choices[Math.min(at, choices.length - 1)];
  const take = (choice: Choice | undefined) => {
    if (choice === undefined) return;
    onDone();
    choice.act();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Enter') take(chosen);
    if (step === undefined || choices.length === 0) return;
    event.preventDefault();
    setAt((choices.indexOf(chosen as Choice) + step + choices.length) % choices.length);
  };
  return (
    <div className="finder">
      <div className="finder-input">
        <Icon name="search" />
        <input
          type="text"
          data-autofocus
          role="combobox"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={chosen === undefined ? undefined : `${listId}-${chosen.id}`}
          aria-label={words.keys.palette}
          placeholder={words.app.search}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div className="finder-list" id={listId} role="listbox" aria-label={words.keys.palette}>
        {choices.map((choice) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above takes the keys of the whole list.
          <div
            key={choice.id}
            id={`${listId}-${choice.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={choice === chosen}
            onClick={() => take(choice)}
          >
            <Icon name={choice.icon} size={14} />
            {choice.name}
          </div>
        ))}
        {choices.length === 0 ? <p className="soft">{words.keys.paletteNone}</p> : null}
      </div>
    </div>
  );
}
