// Adding a user: name, e-mail and role; the answer is a link to hand over, shown once.
import { Button, Modal, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { Link, User } from '../../api-types.ts';
import { Refusal } from '../../parts/refusal.tsx';
import { Secret } from '../../parts/secret.tsx';
import { useChange } from '../../queries/calls.ts';
import { useWords } from '../../words/words.ts';
import { type Role, RoleFields } from './role-fields.tsx';

export function AddUser({ isOpen, onClose }: { isOpen: boolean; onClose(): void }): ReactNode {
  const { people, app } = useWords();
  return (
    <Modal opened={isOpen} onClose={onClose} title={people.add} closeButtonProps={{ 'aria-label': app.close }}>
      <Form onDone={onClose} />
    </Modal>
  );
}

function Form({ onDone }: { onDone(): void }): ReactNode {
  const { people, signIn } = useWords();
  const add = useChange<{ user: User; link: Link }>();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>({ role: 'operator', level: 'all', level_id: null });
  if (add.data !== undefined) return <Secret text={add.data.link.url} help={people.linkHelp} onDone={onDone} />;
  const save = () => add.mutate({ path: '/users', method: 'POST', body: { name, email, roles: [role] } });
  const send = (event: FormEvent) => {
    event.preventDefault();
    save();
  };
  return (
    <>
      <form className="form" onSubmit={send}>
        <TextInput
          data-autofocus
          label={signIn.name}
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label={signIn.email}
          type="email"
          required
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <RoleFields role={role} onChange={setRole} />
        <Button type="submit" loading={add.isPending}>
          {people.add}
        </Button>
      </form>
      <Refusal error={add.error} onProved={save} />
    </>
  );
}
