// Signing in: e-mail and password, then the code where there is a second factor.
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Problem } from '../../parts/problem.tsx';
import { Prose } from '../../parts/prose.tsx';
import { useSessionCall, useSignOut } from '../../queries/session.ts';
import { useWords } from '../../words/words.ts';
import { FrontDoor } from './front-door.tsx';

export function SignInPage({ isExpired }: { isExpired: boolean }): ReactNode {
  const { signIn } = useWords();
  const call = useSessionCall();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const send = (event: FormEvent) => {
    event.preventDefault();
    call.mutate({ path: '/session', body: { email, password } });
  };
  return (
    <FrontDoor title={signIn.title}>
      {isExpired ? <p className="note">{signIn.expired}</p> : null}
      <form className="form" onSubmit={send}>
        <TextInput
          label={signIn.email}
          type="email"
          name="email"
          autoComplete="username"
          required
          withAsterisk={false}
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label={signIn.password}
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': signIn.show, tabIndex: 0 }}
        />
        {call.error === null ? null : <Problem error={call.error} />}
        <Button type="submit" loading={call.isPending}>
          {signIn.submit}
        </Button>
      </form>
      <p className="soft small">
        <Prose text={signIn.first} />
      </p>
    </FrontDoor>
  );
}

/** The session waits for its code. */
export function CodePage(): ReactNode {
  const { signIn, app } = useWords();
  const call = useSessionCall();
  const signOut = useSignOut();
  const [code, setCode] = useState('');
  const send = (event: FormEvent) => {
    event.preventDefault();
    call.mutate({ path: '/session/second-factor', body: { code } });
  };
  return (
    <FrontDoor title={signIn.codeTitle}>
      <form className="form" onSubmit={send}>
        <TextInput
          label={signIn.code}
          description={signIn.codeHelp}
          name="code"
          autoComplete="one-time-code"
          required
          withAsterisk={false}
          autoFocus
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        {call.error === null ? null : <Problem error={call.error} />}
        <Button type="submit" loading={call.isPending}>
          {signIn.verify}
        </Button>
        <Button variant="subtle" onClick={() => signOut.mutate()}>
          {app.cancel}
        </Button>
      </form>
    </FrontDoor>
  );
}
