// Every keyboard shortcut, and the switch for those of a single key.
import { Checkbox, Modal } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useWords } from '../words/words.ts';
import { places } from './places.ts';
import { setSingleKeys, singleKeysOn } from './use-shortcuts.ts';

export function Help({ isOpen, onClose }: { isOpen: boolean; onClose(): void }): ReactNode {
  const words = useWords();
  const [isOn, setOn] = useState(singleKeysOn);
  const rows: [string[], string][] = [
    [['Ctrl', 'K'], words.keys.palette],
    [['?'], words.keys.help],
    [['j', 'k'], words.detail.around.keys],
    ...places.flatMap(({ key, name }): [string[], string][] =>
      key === undefined ? [] : [[['g', key], words.pages[name]]],
    ),
  ];
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={words.keys.title}
      closeButtonProps={{ 'aria-label': words.app.close }}
    >
      <dl className="keys">
        {rows.map(([keys, what]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <Checkbox
        mt="md"
        checked={isOn}
        label={words.keys.single}
        description={words.keys.singleHelp}
        onChange={(event) => {
          setOn(event.currentTarget.checked);
          setSingleKeys(event.currentTarget.checked);
        }}
      />
    </Modal>
  );
}
