// Takes a list along as a file, with the filter in force; the browser saves what the server streams.
import { Button, Menu } from '@mantine/core';
import type { ReactNode } from 'react';
import { type ApiQuery, addressOf } from '../../call-api.ts';
import { useWords } from '../../words/words.ts';

export function ExportMenu({ path, query }: { path: string; query: ApiQuery }): ReactNode {
  const { take } = useWords().detail;
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <Button variant="default" className="export">
          {take.export}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(['csv', 'ndjson'] as const).map((format) => (
          <Menu.Item key={format} component="a" href={addressOf(path, { ...query, format })} download>
            {take[format]}
          </Menu.Item>
        ))}
        <p className="menu-note soft small">{take.note}</p>
      </Menu.Dropdown>
    </Menu>
  );
}
