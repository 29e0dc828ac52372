// The own account: password, second factor, and the sessions that are open.
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { OpenSession, Page } from '../../api-types.ts';
import { PageHead, Section, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { When } from '../../parts/when.tsx';
import { useAnswer, useChange } from '../../queries/calls.ts';
import { useSession, useSessionCall } from '../../queries/session.ts';
import { useWords } from '../../words/words.ts';
import { roleText } from '../people/role-text.ts';
import { deviceName } from './device-name.ts';

export function AccountPage(): ReactNode {
  const words = useWords();
  const user = useSession().data?.user;
  if (user === undefined) return null;
  return (
    <>
      <PageHead title={words.app.account}>
        {user.name} · {user.email} · {user.roles.map((role) => roleText(role, words)).join(', ')}
      </PageHead>
      <div className="columns">
        <Section title={words.account.password}>
          <ChangePassword needsCode={user.has_second_factor} />
        </Section>
        <Section title={words.account.sessions}>
          <Sessions />
        </Section>
      </div>
    </>
  );
}

function ChangePassword({ needsCode }: { needsCode: boolean }): ReactNode {
  const { account, signIn } = useWords();
  const call = useSessionCall();
  const [password, setPassword] = useState('');
  const [next, setNext] = useState('');
  const [code, setCode] = useState('');
  const send = (event: FormEvent) => {
    event.preventDefault();
    const body = { password, new_password: next, ...(needsCode ? { code } : {}) };
    call.mutate({ path: '/me/password', body });
  };
  const toggle = { 'aria-label': signIn.show, tabIndex: 0 };
  return (
    <form className="form" onSubmit={send}>
      <PasswordInput
        label={account.now}
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        visibilityToggleButtonProps={toggle}
      />
      <PasswordInput
        label={account.next}
        description={signIn.passwordHelp}
        autoComplete="new-password"
        required
        value={next}
        onChange={(event) => setNext(event.currentTarget.value)}
        visibilityToggleButtonProps={toggle}
      />
      {needsCode ? (
        <TextInput
          label={signIn.code}
          autoComplete="one-time-code"
          required
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
      ) : null}
      {call.error === null ? null : <Problem error={call.error} />}
      {call.isSuccess ? <p className="ink-green">{account.changed}</p> : null}
      <Button type="submit" loading={call.isPending}>
        {account.change}
      </Button>
    </form>
  );
}

function Sessions(): ReactNode {
  const { account } = useWords();
  const sessions = useAnswer<Page<OpenSession>>('/me/sessions');
  const change = useChange<unknown>();
  if (sessions.error !== null) return <Problem error={sessions.error} onRetry={sessions.refetch} />;
  if (sessions.data === undefined) return <Waiting rows={3} />;
  return (
    <>
      <ul className="plain-list">
        {sessions.data.data.map(({ id, user_agent, address, last_seen_at, current }) => (
          <li key={id}>
            <span>
              {user_agent === null ? '–' : deviceName(user_agent)}
              <span className="under">
                {address} · <When at={last_seen_at} inTable />
              </span>
            </span>
            <span />
            {current ? (
              <span className="soft">{account.thisOne}</span>
            ) : (
              <Button
                variant="default"
                size="compact-sm"
                onClick={() => change.mutate({ path: `/me/sessions/${id}`, method: 'DELETE' })}
              >
                {account.end}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {change.error === null ? null : <Problem error={change.error} />}
    </>
  );
}
