// One user: roles, a new link, the second factor of who lost it, sessions, switching off and deleting.
import { Button, Modal } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Link, User } from '../../api-types.ts';
import { Refusal } from '../../parts/refusal.tsx';
import { Secret } from '../../parts/secret.tsx';
import { useChange } from '../../queries/calls.ts';
import { useWords } from '../../words/words.ts';
import { type Role, RoleFields } from './role-fields.tsx';
import { roleText } from './role-text.ts';

export function UserDialog({ user, onClose }: { user: User; onClose(): void }): ReactNode {
  const { app } = useWords();
  return (
    <Modal opened onClose={onClose} title={user.name} size={520} closeButtonProps={{ 'aria-label': app.close }}>
      <Content user={user} onClose={onClose} />
    </Modal>
  );
}

type Call = Parameters<ReturnType<typeof useChange<unknown>>['mutate']>[0];

function Content({ user, onClose }: { user: User; onClose(): void }): ReactNode {
  const { people, signIn } = useWords();
  const change = useChange<unknown>();
  const link = useChange<Link>();
  const [role, setRole] = useState<Role>(user.roles[0] ?? { role: 'viewer', level: 'all', level_id: null });
  if (link.data !== undefined) return <Secret text={link.data.url} help={people.linkHelp} onDone={onClose} />;
  const at = `/users/${user.id}`;
  const actions: [string, Call][] = [
    [user.disabled ? people.enable : people.disable, { path: at, method: 'PATCH', body: { disabled: !user.disabled } }],
    [people.endSessions, { path: `${at}/sessions`, method: 'DELETE' }],
    ...(user.has_second_factor
      ? [[people.takeFactor, { path: `${at}/second-factor`, method: 'DELETE' }] as [string, Call]]
      : []),
    [people.remove, { path: at, method: 'DELETE' }],
  ];
  const makeLink = () => link.mutate({ path: `${at}/link`, method: 'POST' });
  const again = () => {
    if (link.error !== null) makeLink();
    else if (change.variables !== undefined) change.mutate(change.variables);
  };
  return (
    <div className="form">
      <MoreRoles user={user} />
      <RoleFields role={role} onChange={setRole} />
      <Button
        variant="default"
        onClick={() => change.mutate({ path: `${at}/roles`, method: 'PUT', body: { roles: [role] } })}
      >
        {people.saveRole}
      </Button>
      <hr className="rule" />
      <div className="live-actions wrap">
        <Button variant="default" onClick={makeLink}>
          {user.has_password ? signIn.linkTitles.new_password : people.inviteAgain}
        </Button>
        {actions.map(([name, call]) => (
          <Button key={name} variant="default" onClick={() => change.mutate(call)}>
            {name}
          </Button>
        ))}
      </div>
      <Refusal error={change.error ?? link.error} onProved={again} />
      {change.isSuccess ? <p className="ink-green">{people.saved}</p> : null}
    </div>
  );
}

function MoreRoles({ user }: { user: User }): ReactNode {
  const words = useWords();
  if (user.roles.length < 2) return null;
  return (
    <p className="note">
      {words.people.manyRoles} {user.roles.map((role) => roleText(role, words)).join(', ')}
    </p>
  );
}
