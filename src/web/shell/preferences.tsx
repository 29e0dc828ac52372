// Light or dark, and the language.
import { Menu, useMantineColorScheme } from '@mantine/core';
import type { ReactNode } from 'react';
import { Icon } from '../look/icon.tsx';
import { chooseLanguage, type Language, languages, useLanguage, useWords } from '../words/words.ts';

export function Preferences(): ReactNode {
  const words = useWords();
  const language = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const looks = [
    ['light', words.app.light],
    ['dark', words.app.dark],
    ['auto', words.app.system],
  ] as const;
  return (
    <Menu position="top-start">
      <Menu.Target>
        <button type="button" className="quiet" aria-label={`${words.app.look}, ${words.app.language}`}>
          <Icon name={colorScheme === 'dark' ? 'moon' : 'sun'} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{words.app.look}</Menu.Label>
        {looks.map(([look, name]) => (
          <Menu.Item
            key={look}
            rightSection={colorScheme === look ? <Icon name="check" size={14} /> : null}
            onClick={() => setColorScheme(look)}
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Label>{words.app.language}</Menu.Label>
        {(Object.keys(languages) as Language[]).map((each) => (
          <Menu.Item
            key={each}
            lang={each}
            rightSection={each === language ? <Icon name="check" size={14} /> : null}
            onClick={() => chooseLanguage(each)}
          >
            {languages[each].language}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
