// A link that works once: the first admin, an invitation or a new password. What it says stays behind the # and is sent in bodies only.
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { LookedAtLink } from '../../api-types.ts';
import { callApi } from '../../call-api.ts';
import { Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useSessionCall } from '../../queries/session.ts';
import { useWords } from '../../words/words.ts';
import { FrontDoor } from './front-door.tsx';

export function LinkPage(): ReactNode {
  const { signIn } = useWords();
  const [token] = useState(() => location.hash.slice(1));
  const link = useQuery({
    queryKey: ['link', token],
    queryFn: ({ signal }) =>
      callApi<LookedAtLink>('/links/look', undefined, { method: 'POST', body: { token }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const title = link.data === undefined ? signIn.linkTitle : signIn.linkTitles[link.data.purpose];
  return (
    <FrontDoor title={title}>
      {link.error === null ? null : <Problem error={link.error} />}
      {link.isPending ? <Waiting rows={3} /> : null}
      {link.data === undefined ? null : <ChoosePassword token={token} link={link.data} />}
    </FrontDoor>
  );
}

function ChoosePassword({ token, link }: { token: string; link: LookedAtLink }): ReactNode {
  const { signIn } = useWords();
  const navigate = useNavigate();
  const call = useSessionCall();
  const isFirst = link.purpose === 'first_admin';
  const [name, setName] = useState('');
  const [email, setEmail] = useState(link.email ?? '');
  const [password, setPassword] = useState('');
  const send = (event: FormEvent) => {
    event.preventDefault();
    const body = { token, password, ...(isFirst ? { name, email } : {}) };
    // Its token must not stay in the history of the browser.
    call.mutate({ path: '/links/use', body }, { onSuccess: () => void navigate({ to: '/', replace: true }) });
  };
  const ask = { required: true, withAsterisk: false };
  return (
    <form className="form" onSubmit={send}>
      {isFirst ? (
        <TextInput
          {...ask}
          label={signIn.name}
          autoComplete="name"
          autoFocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      ) : null}
      <TextInput
        {...ask}
        label={signIn.email}
        type="email"
        autoComplete="username"
        readOnly={!isFirst}
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <PasswordInput
        {...ask}
        label={signIn.password}
        description={signIn.passwordHelp}
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': signIn.show, tabIndex: 0 }}
      />
      {call.error === null ? null : <Problem error={call.error} />}
      <Button type="submit" loading={call.isPending}>
        {signIn.choose}
      </Button>
    </form>
  );
}
