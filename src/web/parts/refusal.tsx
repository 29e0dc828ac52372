// A refused change; where it asks for a recent proof of who is there, the password (and a code) can be given on the spot.
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ProblemError } from '../call-api.ts';
import { useSession, useSessionCall } from '../queries/session.ts';
import { useWords } from '../words/words.ts';
import { Problem } from './problem.tsx';

export function Refusal({ error, onProved }: { error: Error | null; onProved(): void }): ReactNode {
  if (error === null) return null;
  const asksForProof = error instanceof ProblemError && error.problem.code === 'proof_needed';
  return asksForProof ? <Proof onProved={onProved} /> : <Problem error={error} />;
}

function Proof({ onProved }: { onProved(): void }): ReactNode {
  const { signIn } = useWords();
  const session = useSession();
  const call = useSessionCall();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const needsCode = session.data?.user.has_second_factor === true;
  const send = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    const body = { password, ...(needsCode ? { code } : {}) };
    call.mutate({ path: '/session/proof', body }, { onSuccess: onProved });
  };
  return (
    <form className="form proof" onSubmit={send}>
      <p>{signIn.proof}</p>
      <PasswordInput
        label={signIn.password}
        autoComplete="current-password"
        autoFocus
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': signIn.show, tabIndex: 0 }}
      />
      {needsCode ? (
        <TextInput
          label={signIn.code}
          autoComplete="one-time-code"
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
      ) : null}
      {call.error === null ? null : <Problem error={call.error} />}
      <Button type="submit" loading={call.isPending}>
        {signIn.verify}
      </Button>
    </form>
  );
}
