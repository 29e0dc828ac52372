// Users: who may come in, with which roles, and the links with which they choose their passwords.
import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { User } from '../../api-types.ts';
import { PageHead } from '../../parts/page-parts.tsx';
import { RowsState } from '../../parts/rows-state.tsx';
import { When } from '../../parts/when.tsx';
import { usePages } from '../../queries/runs.ts';
import { useWords } from '../../words/words.ts';
import { AddUser } from './add-user.tsx';
import { roleText } from './role-text.ts';
import { UserDialog } from './user-dialog.tsx';

export function PeoplePage(): ReactNode {
  const { people, pages } = useWords();
  const users = usePages<User>('/users', { limit: 100 });
  const [isAdding, setAdding] = useState(false);
  const [openId, setOpenId] = useState<string | null>(null);
  const open = users.data?.rows.find(({ id }) => id === openId);
  return (
    <>
      <PageHead title={pages.people} actions={<Button onClick={() => setAdding(true)}>{people.add}</Button>}>
        {people.intro}
      </PageHead>
      <AddUser isOpen={isAdding} onClose={() => setAdding(false)} />
      {open === undefined ? null : <UserDialog user={open} onClose={() => setOpenId(null)} />}
      <RowsState pages={users} icon="person" none={people.none}>
        {(rows) => <Rows users={rows} onOpen={setOpenId} />}
      </RowsState>
    </>
  );
}

function Rows({ users, onOpen }: { users: readonly User[]; onOpen(id: string): void }): ReactNode {
  const words = useWords();
  const { people, pages } = words;
  return (
    <div className="table-frame">
      <table className="rows">
        <caption className="hidden">{pages.people}</caption>
        <thead>
          <tr>
            <th scope="col">{people.name}</th>
            <th scope="col">{people.roles}</th>
            <th scope="col">{people.factor}</th>
            <th scope="col" className="right">
              {people.lastSignIn}
            </th>
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <tr key={user.id} className={user.disabled ? 'is-removed' : undefined}>
              <td className="cell-name">
                <button type="button" className="row-button" onClick={() => onOpen(user.id)}>
                  {user.name}
                </button>
                <span className="under">{user.email}</span>
              </td>
              <td data-label={people.roles}>
                {user.roles.map((role) => roleText(role, words)).join(', ')}
                {user.disabled ? <span className="under">{people.disabled}</span> : null}
                {user.has_password ? null : <span className="under">{people.invited}</span>}
              </td>
              <td data-label={people.factor}>{user.has_second_factor ? people.yes : people.no}</td>
              <td data-label={people.lastSignIn} className="right soft">
                <When at={user.last_sign_in_at} inTable />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
