// Who is signed in: the way to the own account, and out.
import { Menu } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Icon } from '../look/icon.tsx';
import { useSession, useSignOut } from '../queries/session.ts';
import { useWords } from '../words/words.ts';

export function AccountMenu(): ReactNode {
  const words = useWords();
  const navigate = useNavigate();
  const session = useSession();
  const signOut = useSignOut();
  const user = session.data?.user;
  if (user === undefined) return null;
  return (
    <Menu position="top-start">
      <Menu.Target>
        <button type="button" className="quiet account" aria-label={`${words.app.account}: ${user.name}`}>
          <Icon name="person" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{user.name}</Menu.Label>
        <Menu.Item onClick={() => void navigate({ to: '/account' })}>{words.app.account}</Menu.Item>
        <Menu.Item onClick={() => signOut.mutate()}>{words.app.signOut}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
