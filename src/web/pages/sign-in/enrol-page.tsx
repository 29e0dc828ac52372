// Setting up the second factor that an admin needs: scan, give the first code, keep the recovery codes.
import { Button, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { Enrolment, Session } from '../../api-types.ts';
import { callApi } from '../../call-api.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useSessionCall } from '../../queries/session.ts';
import { useWords } from '../../words/words.ts';
import { FrontDoor } from './front-door.tsx';

type Confirmed = Session & { recovery_codes: string[] };

export function EnrolPage(): ReactNode {
  const { signIn } = useWords();
  const [confirmed, setConfirmed] = useState<Confirmed | null>(null);
  return (
    <FrontDoor title={confirmed === null ? signIn.enrolTitle : signIn.recoveryTitle}>
      {confirmed === null ? <Scan onConfirmed={setConfirmed} /> : <RecoveryCodes confirmed={confirmed} />}
    </FrontDoor>
  );
}

function Scan({ onConfirmed }: { onConfirmed(confirmed: Confirmed): void }): ReactNode {
  const { signIn } = useWords();
  const enrolment = useQuery({
    queryKey: ['enrolment'],
    queryFn: ({ signal }) => callApi<Enrolment>('/me/second-factor', undefined, { method: 'POST', signal }),
    // Each call makes a new secret: the one that was scanned must stay.
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const call = useSessionCall<Confirmed>();
  const [code, setCode] = useState('');
  if (enrolment.error !== null) return <Problem error={enrolment.error} onRetry={enrolment.refetch} />;
  if (enrolment.data === undefined) return <Waiting rows={5} />;
  const { secret, qr } = enrolment.data;
  const send = (event: FormEvent) => {
    event.preventDefault();
    call.mutate({ path: '/me/second-factor/confirm', body: { code }, keep: true }, { onSuccess: onConfirmed });
  };
  return (
    <form className="form" onSubmit={send}>
      <p className="soft">{signIn.enrolText}</p>
      <svg className="qr" role="img" aria-label={signIn.qr} viewBox={`0 0 ${qr.size} ${qr.size}`}>
        <path d={qr.path} />
      </svg>
      <p className="small">
        {signIn.orType} <code>{secret}</code> <CopyButton text={secret} />
      </p>
      <TextInput
        label={signIn.firstCode}
        inputMode="numeric"
        autoComplete="one-time-code"
        required
        withAsterisk={false}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      {call.error === null ? null : <Problem error={call.error} />}
      <Button type="submit" loading={call.isPending}>
        {signIn.confirm}
      </Button>
    </form>
  );
}

function RecoveryCodes({ confirmed }: { confirmed: Confirmed }): ReactNode {
  const { signIn } = useWords();
  const client = useQueryClient();
  const { recovery_codes: codes, ...session } = confirmed;
  return (
    <div className="form">
      <p className="soft">{signIn.recoveryText}</p>
      <ul className="recovery">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <CopyButton text={codes.join('\n')} />
      <Button onClick={() => client.setQueryData(['session'], session)}>{signIn.kept}</Button>
    </div>
  );
}
