// The frame of the pages before the desk: the mark, one card, nothing else.
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { Preferences } from '../../shell/preferences.tsx';

export function FrontDoor({ title, children }: { title: string; children: ReactNode }): ReactNode {
  useDocumentTitle(`${title} · tillsync`);
  return (
    <main className="alone">
      <div className="door">
        <div className="door-head">
          <span className="mark">
            <img src="/mark.svg" width={22} height={22} alt="" />
            tillsync
          </span>
          <Preferences />
        </div>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}
