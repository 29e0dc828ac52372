// From run to run of the same source, older and newer, also by j and k.
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Run } from '../../api-types.ts';
import { Icon } from '../../look/icon.tsx';
import { useSingleKeys } from './use-single-keys.ts';
import { useAround } from '../../queries/around.ts';
import { useWords } from '../../words/words.ts';

export function Neighbours({ run }: { run: Run }): ReactNode {
  const { around: words } = useWords().detail;
  const navigate = useNavigate();
  const { newer = null, older = null } = useAround(run).data ?? {};
  const to = (runId: string | null) =>
    runId === null ? undefined : () => void navigate({ to: '/runs/$runId', params: { runId } });
  useSingleKeys({ j: to(older), k: to(newer) });
  return (
    <span className="neighbours">
      <Neighbour runId={older} name={words.older} turn="back" />
      <Neighbour runId={newer} name={words.newer} turn="forth" />
    </span>
  );
}

function Neighbour({ runId, name, turn }: { runId: string | null; name: string; turn: 'back' | 'forth' }): ReactNode {
  if (runId === null) return null;
  const icon = (
    <span className={turn}>
      <Icon name="right" size={12} />
    </span>
  );
  return (
    <Link to="/runs/$runId" params={{ runId }} className="neighbour">
      {turn === 'back' ? icon : null}
      {name}
      {turn === 'forth' ? icon : null}
    </Link>
  );
}
